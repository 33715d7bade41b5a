import { parentPort, workerData } from 'node:worker_threads'
import { openOwn, openSdk } from './open-evaluators.ts'
import type { Subject } from './subjects.ts'

/** Evaluates each input that it is sent, and answers one by one: an evaluation that does not end shows by its silence. */
const subject = workerData as Subject
const [own, sdk] = [await openOwn(subject), await openSdk(subject)]
parentPort?.on('message', (inputs: readonly string[]) => void answer(inputs))

async function answer(inputs: readonly string[]): Promise<void> {
  for (const input of inputs) parentPort?.postMessage({ own: await own(input), sdk: await sdk?.(input) })
}
