import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { compileApp } from '../src/catalog/compile-app.ts'
import { findCompiler } from '../src/catalog/find-compiler.ts'
import { prepareCompiler } from '../src/catalog/prepare-compiler.ts'
import { createLaneChooser } from '../src/engine/choose-lane.ts'
import { loadModule } from '../src/engine/load-module.ts'
import { createSlowLane } from '../src/engine/slow-lane.ts'

/**
 * What a good app's requests wait while a bad app is hammered: without a slow lane and with one, in rounds of one run.
 * A request comes every 5 ms; its latency counts from when it was due, so that a stalled thread hides nothing.
 * `npm run bench:slow-lane -- [rounds] [seconds a round]`
 */
const rounds = Number(process.argv[2] ?? 3)
const seconds = Number(process.argv[3] ?? 5)
const EVERY_MS = 5
const LIMIT_MS = 100
const DEADLINE_MS = 1_000
/** At 4 a second without a slow lane the thread has some time left for others; with one all that the bad app can take. */
const HAMMER_EVERY_MS = 250
const MOST_AT_ONCE = 32

const GOOD = `package good

default allow := false

allow if {
	input.request.method in {"GET", "HEAD"}
	input.request.path_segments[0] == "api"
	"reader" in input.identity.roles
}
`
const BAD = `package bad

allow if {
	matches := {row.id |
		some round in numbers.range(1, to_number(input.request.query.rounds[0]))
		some row in data.bad.table
		row.id == round
	}
	count(matches) >= 0
}
`
const GOOD_INPUT = {
  request: { method: 'GET', path_segments: ['api'] },
  identity: { subject: 'bob', roles: ['reader'] },
}
const data = { bad: { table: Array.from({ length: 2_000 }, (_, id) => ({ id, name: `row ${id}` })) } }

const cacheFolder = await mkdtemp(join(tmpdir(), 'regate-bench-'))
try {
  await measure()
} finally {
  await rm(cacheFolder, { recursive: true })
}

async function measure(): Promise<void> {
  const good = (await loadModule(await compile('good', GOOD))).createEvaluator({ data: {} })
  const bytes = await compile('bad', BAD)
  const bad = (await loadModule(bytes)).createEvaluator({ data })
  const code = async () => ({ bytes, dataJson: JSON.stringify(data) })
  const chooser = createLaneChooser({
    evaluate: bad.evaluate,
    slowLane: (onEvaluated) => createSlowLane({ code, deadlineMs: DEADLINE_MS, onEvaluated }),
    limitMs: LIMIT_MS,
    nowMs: () => performance.now(),
  })
  const slow = calibrate(bad.evaluate, 150)
  const endless = badInput(slow.rounds * 1_000)
  console.log(
    `an evaluation of the bad app takes ${slow.tookMs.toFixed(0)} ms; limit ${LIMIT_MS} ms, deadline ${DEADLINE_MS} ms`,
  )
  for (let count = 0; count < 3; count += 1) void chooser.evaluate(slow.input)
  console.log(`after three of them the bad app is in the ${chooser.state()} lane`)
  const cases = [
    { name: 'no bad app', hammer: () => Promise.resolve() },
    { name: 'before: no slow lane, 4 a second', hammer: steady(() => bad.evaluate(slow.input)) },
    { name: 'after: slow lane, 4 a second', hammer: steady(() => chooser.evaluate(slow.input)) },
    { name: 'after: slow lane, 32 at all times', hammer: flood(() => chooser.evaluate(slow.input)) },
    { name: 'after: each killed at the deadline', hammer: flood(() => chooser.evaluate(endless)) },
  ].map((one) => ({ ...one, latencies: [] as number[] }))
  for (let round = 0; round < rounds; round += 1)
    for (const one of cases) one.latencies.push(...(await observe(good.evaluate, one.hammer)))
  for (const { name, latencies } of cases) report(name, latencies)
}

type Hammer = (signal: AbortSignal) => Promise<void>

async function observe(evaluate: (input: object) => unknown, hammer: Hammer): Promise<number[]> {
  const stop = new AbortController()
  const hammering = hammer(stop.signal)
  const latencies: number[] = []
  const beganAtMs = performance.now()
  for (let dueMs = EVERY_MS; dueMs < seconds * 1_000; dueMs += EVERY_MS) {
    const waitMs = beganAtMs + dueMs - performance.now()
    if (waitMs > 0) await delay(Math.ceil(waitMs))
    evaluate(GOOD_INPUT)
    latencies.push(performance.now() - beganAtMs - dueMs)
  }
  stop.abort()
  await hammering
  return latencies
}

/** One request whenever one is due, whatever became of the last. */
function steady(request: () => unknown): Hammer {
  return async (signal) => {
    const pending: Promise<unknown>[] = []
    while (!signal.aborted) {
      await delay(HAMMER_EVERY_MS)
      pending.push(settle(request))
    }
    await Promise.all(pending)
  }
}

/** As many requests under way at all times as a proxy may well have. */
function flood(request: () => unknown): Hammer {
  return async (signal) => {
    const client = async (): Promise<void> => {
      while (!signal.aborted) {
        await settle(request)
        await delay(1)
      }
    }
    await Promise.all(Array.from({ length: MOST_AT_ONCE }, client))
  }
}

/** A request of the bad app that fails is none of the good app's business. */
async function settle(request: () => unknown): Promise<unknown> {
  try {
    return await request()
  } catch (error) {
    return error
  }
}

function calibrate(evaluate: (input: object) => unknown, targetMs: number) {
  for (let count = 100; ; count *= 1.3) {
    const input = badInput(Math.round(count))
    const beganAtMs = performance.now()
    evaluate(input)
    const tookMs = performance.now() - beganAtMs
    if (tookMs >= targetMs) return { input, tookMs, rounds: Math.round(count) }
  }
}

function badInput(count: number): object {
  return { request: { query: { rounds: [String(count)] } } }
}

function report(name: string, latencies: readonly number[]): void {
  const sorted = latencies.toSorted((left, right) => left - right)
  const at = (share: number): string =>
    (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(2).padStart(8)
  console.log(
    `${name.padEnd(36)} p50 ${at(0.5)}  p99 ${at(0.99)}  worst ${at(1)} ms  (${sorted.length} requests)`,
  )
}

async function compile(name: string, text: string): Promise<Uint8Array> {
  const { PATH = '', REGATE_OPA } = process.env
  const found = await findCompiler({
    configuredPath: REGATE_OPA,
    environmentPath: PATH,
    cacheFolder: '.regate/cache',
  })
  const compiler = await prepareCompiler({
    compiler: found,
    cacheFolder,
    timeoutMs: 30_000,
    memoryBytes: 1024 ** 3,
  })
  const files = [{ path: `${name}/policy.rego`, text }]
  return (await compileApp({ app: { name, files }, lib: [], compiler })).wasm
}
