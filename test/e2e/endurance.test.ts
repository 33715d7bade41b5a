import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { sendRequest } from './send-request.ts'
import { startBed } from './start-bed.ts'
import type { Bed } from './start-bed.ts'

let bed: Bed

beforeAll(async () => {
  bed = await startBed()
})
afterAll(() => bed?.close())

const requests = [
  { host: 'myapp.example.com', headers: { authorization: 'Bearer valid-token-123' }, expected: 200 },
  { host: 'myapp.example.com', headers: {}, expected: 401 },
  { host: 'grafana.example.com', headers: { authorization: 'Bearer wrong' }, expected: 401 },
  { host: 'site.example.com', headers: {}, expected: 200 },
] as const

async function send(index: number): Promise<boolean> {
  const { expected, ...request } = requests[index % requests.length] ?? requests[0]
  return (await sendRequest(bed.ports.recommended, request)).status === expected
}

/** Resident memory of Regate in MiB. */
async function memory(): Promise<number> {
  const status = await readFile(`/proc/${bed.regate.pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024
}

it('decides 1,000 requests in turn and 10,000 at once, each as it should', async () => {
  const before = await memory()
  let right = 0
  for (let index = 0; index < 1_000; index++) if (await send(index)) right += 1
  const between = await memory()
  const answers = await Promise.all(Array.from({ length: 10_000 }, (_, index) => send(index)))
  const after = await memory()
  console.log(
    `in turn ${right}/1000, at once ${answers.filter(Boolean).length}/10000, resident MiB: ${before.toFixed(0)} → ${between.toFixed(0)} → ${after.toFixed(0)}`,
  )
  expect(right).toBe(1_000)
  expect(answers.every(Boolean)).toBe(true)
})
