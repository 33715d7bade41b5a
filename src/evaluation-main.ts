import { flushCompileCache } from 'node:module'
import type { EvaluationRequest } from './engine/evaluation-message.ts'
import { createEvaluationServer } from './engine/serve-evaluations.ts'

/**
 * The entry of an evaluation process: it answers the process that started it, and ends with it. Evaluations that may be
 * endless run here, because WebAssembly cannot be interrupted in its own thread and a thread that is ended in the midst of
 * it may bring down its whole process.
 */
const answer = createEvaluationServer()
// Now: this process is more often killed than ended.
flushCompileCache()
let last = Promise.resolve()
process.on('message', (request: EvaluationRequest) => {
  // A reply goes out before the next request is taken up, which may be the endless one.
  last = last.then(async () => void process.send?.(await answer(request)))
})
process.on('disconnect', () => process.exit(0))
