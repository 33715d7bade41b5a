import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { createLaneChooser, type Lane } from '../../src/engine/choose-lane.ts'
import { type EvaluationProcess, startEvaluationProcess } from '../../src/engine/evaluation-process.ts'
import { loadModule } from '../../src/engine/load-module.ts'
import { createSlowLane, type SlowLane, type SlowLaneOptions } from '../../src/engine/slow-lane.ts'
import { openCompilerBed } from './compiler-bed.ts'

/** Looks at every row of a large table as often as the request says. */
const POLICY = `package grafana

allow if {
	rounds := to_number(input.request.query.rounds[0])
	matches := {row.id |
		some round in numbers.range(1, rounds)
		some row in data.grafana.table
		row.id == round
	}
	count(matches) >= 0
}

message := input.request.query.echo[0]

message := concat("", ["not ", input.request.query.conflict[0]])

status := 404
`

const bed = await openCompilerBed()
const wasm = await bed.build(POLICY)
const module = await loadModule(wasm)
const data = { grafana: { table: Array.from({ length: 2000 }, (_, id) => ({ id })) } }

const ENDLESS = withQuery({ rounds: ['300000'] })
const QUICK = withQuery({ rounds: ['1'] })
const QUICK_RESULT = { allow: true, status: 404 }

const open: SlowLane[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((lane) => lane.close()))
})

function withQuery(query: Readonly<Record<string, readonly string[]>>) {
  return { request: { query } }
}

interface LaneBed extends Partial<SlowLaneOptions> {
  readonly bytes?: Uint8Array
}

/** A lane whose processes can be counted, and ended from outside; it ends with the test. */
function openLane(options: LaneBed = {}) {
  const started = startLane(options)
  open.push(started.lane)
  return started
}

function startLane({ bytes = wasm, ...options }: LaneBed = {}) {
  const processes: EvaluationProcess[] = []
  const durations: number[] = []
  const lane = createSlowLane({
    code: async () => ({ bytes, dataJson: JSON.stringify(data) }),
    deadlineMs: 10_000,
    onEvaluated: (durationMs) => durations.push(durationMs),
    startProcess: () => {
      const process = startEvaluationProcess()
      processes.push(process)
      return process
    },
    ...options,
  })
  return { lane, processes, durations }
}

function failure(message: string) {
  return expect.objectContaining({ code: 'EVALUATION_FAILED', message: expect.stringContaining(message) })
}

/** Real deadlines: where other work holds the processors, a process may not start in time. */
const ON_A_BUSY_MACHINE = { retry: 2 }

it('gives the results of the fast lane, from one process that is started when it is needed', async () => {
  const { lane, processes, durations } = openLane()
  const { evaluate } = module.createEvaluator({ data })
  expect(processes).toHaveLength(0)
  const inputs = [QUICK, {}, withQuery({ echo: ['snow ☃ 😀'] }), JSON.stringify(QUICK)]
  expect(await Promise.all(inputs.map((input) => lane.evaluate(input)))).toEqual(
    inputs.map((input) => evaluate(input)),
  )
  expect(processes).toHaveLength(1)
  expect(durations).toHaveLength(inputs.length)
})

it("keeps keys such as '__proto__' in a result what they are", async () => {
  const bytes = await bed.build('package grafana\n\nmessage := input.request\n')
  const { lane } = openLane({ bytes })
  const input = '{"request":{"__proto__":{"allow":true},"constructor":null,"then":1}}'
  const { evaluate } = (await loadModule(bytes)).createEvaluator({ data: {} })
  const result = Object(await lane.evaluate(input))
  expect(JSON.stringify(result)).toBe(JSON.stringify(evaluate(input)))
  expect(Object.keys(result.message)).toContain('__proto__')
  expect(Object.getPrototypeOf(result.message)).toBe(Object.prototype)
})

it("fails a request with the policy's own message and goes on", async () => {
  const { lane, processes } = openLane()
  const both = withQuery({ echo: ['a'], conflict: ['a'] })
  await expect(lane.evaluate(both)).rejects.toThrow(failure('grafana/policy.rego:'))
  expect(await lane.evaluate(QUICK)).toEqual(QUICK_RESULT)
  expect(processes).toHaveLength(1)
})

describe('a lane', () => {
  let lane: SlowLane
  beforeAll(() => {
    lane = startLane().lane
  })
  afterAll(() => lane.close())

  it.each([
    ['null', 'null'],
    ['a text that is no JSON', '{'],
    ['a list', []],
    ['a map', new Map()],
    ['a lone surrogate', { a: '\ud800' }],
  ])('refuses %s as input', async (_, input) => {
    await expect(lane.evaluate(input)).rejects.toThrow(expect.objectContaining({ code: 'EVALUATION_FAILED' }))
    expect(await lane.evaluate(QUICK)).toEqual(QUICK_RESULT)
  })
})

it(
  'ends an evaluation at the deadline, and the next process serves who waited behind it',
  ON_A_BUSY_MACHINE,
  async () => {
    const { lane, processes, durations } = openLane({ deadlineMs: 1_500 })
    const endless = lane.evaluate(ENDLESS)
    const behind = Promise.allSettled([lane.evaluate(QUICK), lane.evaluate(QUICK)])
    await expect(endless).rejects.toThrow(failure('1500 ms'))
    const served = { status: 'fulfilled', value: QUICK_RESULT }
    expect(await behind).toEqual([served, served])
    expect(processes).toHaveLength(2)
    expect(durations[0]).toBe(1_500)
    expect(processes[0]?.isAlive()).toBe(false)
  },
)

it('lets nobody wait for a turn without an end', ON_A_BUSY_MACHINE, async () => {
  const { lane } = openLane({ deadlineMs: 1_500, waitMs: 2_000 })
  const results = await Promise.allSettled(
    [ENDLESS, ENDLESS, ENDLESS, ENDLESS].map((input) => lane.evaluate(input)),
  )
  const reasons = results.map((result) => (result.status === 'rejected' ? String(result.reason) : 'served'))
  expect(reasons[0]).toContain('longer than 1500 ms')
  expect(reasons[3]).toContain('no turn came within 2000 ms')
})

it('refuses what would wait behind sixty-four others', async () => {
  const { lane } = openLane()
  const waiting = Array.from({ length: 64 }, () => lane.evaluate(QUICK))
  await expect(lane.evaluate(QUICK)).rejects.toThrow(failure('64'))
  expect(new Set((await Promise.all(waiting)).map((result) => JSON.stringify(result))).size).toBe(1)
  expect(await lane.evaluate(QUICK)).toEqual(QUICK_RESULT)
})

it('replaces a process that died between two evaluations', async () => {
  const { lane, processes } = openLane()
  await lane.evaluate(QUICK)
  await processes[0]?.end('it died')
  expect(await lane.evaluate(QUICK)).toEqual(QUICK_RESULT)
  expect(processes).toHaveLength(2)
})

it('fails the evaluation during which its process died, and replaces the process', async () => {
  const { lane, processes } = openLane()
  await lane.evaluate(QUICK)
  const running = lane.evaluate(ENDLESS)
  await nextTurn()
  const died = processes[0]?.end('it died')
  await expect(running).rejects.toThrow(failure('it died'))
  await died
  expect(await lane.evaluate(QUICK)).toEqual(QUICK_RESULT)
  expect(processes).toHaveLength(2)
})

it('fails a request, and nothing else, when no process can start', async () => {
  const { lane: broken } = openLane({ bytes: wasm.subarray(0, 1000) })
  await expect(broken.evaluate(QUICK)).rejects.toThrow(failure('no process could start'))
  let attempts = 0
  const { lane } = openLane({
    startProcess: () => {
      attempts += 1
      if (attempts === 1) throw new Error('out of processes')
      const process = startEvaluationProcess()
      if (attempts === 2) void process.end('it was killed')
      return process
    },
  })
  await expect(lane.evaluate(QUICK)).rejects.toThrow(failure('out of processes'))
  await expect(lane.evaluate(QUICK)).rejects.toThrow(failure('it was killed'))
  expect(await lane.evaluate(QUICK)).toEqual(QUICK_RESULT)
})

it('fails a request, and nothing else, when the code cannot be had', async () => {
  let isThere = false
  const { lane } = openLane({
    code: async () => {
      if (!isThere) throw new Error('the cache is gone')
      return { bytes: wasm, dataJson: JSON.stringify(data) }
    },
  })
  await expect(lane.evaluate(QUICK)).rejects.toThrow(failure('the cache is gone'))
  isThere = true
  expect(await lane.evaluate(QUICK)).toEqual(QUICK_RESULT)
})

it('fails what waits and runs when it is closed, and all that comes afterwards', async () => {
  const { lane, processes } = openLane()
  await lane.evaluate(QUICK)
  const pending = Promise.allSettled([ENDLESS, QUICK].map((input) => lane.evaluate(input)))
  await lane.close()
  expect(await pending).toEqual(Array(2).fill({ status: 'rejected', reason: failure('closed') }))
  expect(processes[0]?.isAlive()).toBe(false)
  await expect(lane.evaluate(QUICK)).rejects.toThrow(failure('closed'))
  expect(processes).toHaveLength(1)
})

/** The fast lane takes as long as the clock of the test says, the slow lane as long as it takes. */
function openChooser(slowLane: Partial<SlowLaneOptions> = {}, limitMs = 100_000) {
  const changes: Lane[] = []
  const { evaluate } = module.createEvaluator({ data })
  let nowMs = 0
  let takesMs = 1
  const chooser = createLaneChooser({
    evaluate: (input) => {
      nowMs += takesMs
      return evaluate(input)
    },
    slowLane: (onEvaluated) => openLane({ ...slowLane, onEvaluated }).lane,
    limitMs,
    onChange: (state) => changes.push(state),
    nowMs: () => nowMs,
  })
  const takeFast = (count: number, durationMs: number): void => {
    takesMs = durationMs
    for (let round = 0; round < count; round += 1) expect(chooser.evaluate(QUICK)).toEqual(QUICK_RESULT)
  }
  const takeSlow = async (count: number): Promise<void> => {
    for (let round = 0; round < count; round += 1) expect(await chooser.evaluate(QUICK)).toEqual(QUICK_RESULT)
  }
  return { chooser, changes, takeFast, takeSlow }
}

it('answers at once while evaluations keep to the limit', () => {
  const { chooser, changes, takeFast } = openChooser()
  takeFast(100, 100_000)
  expect(chooser.state()).toBe('fast')
  expect(changes).toEqual([])
})

it('forgives two slow evaluations in twenty, and moves the app at the third', async () => {
  const { chooser, changes, takeFast } = openChooser()
  takeFast(2, 100_001)
  takeFast(18, 1)
  takeFast(2, 100_001)
  takeFast(17, 1)
  expect(chooser.state()).toBe('fast')
  takeFast(1, 100_001)
  expect(changes).toEqual(['slow'])
  const result = chooser.evaluate(QUICK)
  expect(result).toBeInstanceOf(Promise)
  expect(await result).toEqual(QUICK_RESULT)
})

it('moves an app at once after an evaluation that takes ten times the limit', () => {
  const { changes, takeFast } = openChooser()
  takeFast(1, 1_000_000)
  expect(changes).toEqual([])
  takeFast(1, 1_000_001)
  expect(changes).toEqual(['slow'])
})

it('begins in the slow lane where the app was already seen to be slow', async () => {
  const chooser = createLaneChooser({
    evaluate: () => expect.unreachable(),
    slowLane: () => openLane().lane,
    limitMs: 100,
    lane: 'slow',
    nowMs: () => 0,
  })
  expect(await chooser.evaluate(QUICK)).toEqual(QUICK_RESULT)
})

it('counts slow evaluations that fail', () => {
  let nowMs = 0
  const { evaluate } = module.createEvaluator({ data })
  const chooser = createLaneChooser({
    evaluate,
    slowLane: () => openLane().lane,
    limitMs: 1,
    nowMs: () => (nowMs += 2),
  })
  for (let round = 0; round < 3; round += 1) {
    expect(() => chooser.evaluate(withQuery({ echo: ['a'], conflict: ['a'] }))).toThrow(failure('conflict'))
  }
  expect(chooser.state()).toBe('slow')
})

it(
  'returns after fifty calm evaluations, and after twice as many when it relapsed',
  ON_A_BUSY_MACHINE,
  async () => {
    const { chooser, changes, takeFast, takeSlow } = openChooser()
    takeFast(3, 100_001)
    await takeSlow(49)
    expect(chooser.state()).toBe('slow')
    await takeSlow(1)
    expect(chooser.state()).toBe('fast')
    takeFast(20, 1)
    takeFast(3, 100_001)
    await takeSlow(99)
    expect(chooser.state()).toBe('slow')
    await takeSlow(1)
    expect(changes).toEqual(['slow', 'fast', 'slow', 'fast'])
  },
)

it('begins to count anew after an evaluation that passed the deadline', ON_A_BUSY_MACHINE, async () => {
  const { chooser, takeFast, takeSlow } = openChooser({ deadlineMs: 1_500 }, 3_000)
  takeFast(3, 3_001)
  await takeSlow(49)
  await expect(chooser.evaluate(ENDLESS)).rejects.toThrow(failure('1500 ms'))
  await takeSlow(49)
  expect(chooser.state()).toBe('slow')
  await takeSlow(1)
  expect(chooser.state()).toBe('fast')
})

it(
  'takes a policy that loops over a large table out of the way of others, and back when it behaves',
  ON_A_BUSY_MACHINE,
  async () => {
    const good = module.createEvaluator({ data })
    const { evaluate } = module.createEvaluator({ data })
    const chooser = createLaneChooser({
      evaluate,
      slowLane: (onEvaluated) => openLane({ deadlineMs: 2_000, onEvaluated }).lane,
      limitMs: 50,
      nowMs: () => performance.now(),
    })
    const long = withQuery({ rounds: ['6000'] })
    for (let round = 0; round < 3; round += 1) await Promise.allSettled([chooser.evaluate(long)])
    expect(chooser.state()).toBe('slow')

    let isOver = false
    const endless = Promise.resolve(chooser.evaluate(ENDLESS)).finally(() => (isOver = true))
    let served = 0
    async function serveOthers(): Promise<void> {
      for (; !isOver; served += 1) {
        expect(good.evaluate(QUICK)).toEqual(QUICK_RESULT)
        await pause(5)
      }
    }
    await Promise.all([expect(endless).rejects.toThrow(failure('2000 ms')), serveOthers()])
    expect(served).toBeGreaterThan(10)

    const returned = async () => {
      expect(await chooser.evaluate(QUICK)).toEqual(QUICK_RESULT)
      expect(chooser.state()).toBe('fast')
    }
    await vi.waitFor(returned, { timeout: 20_000, interval: 0 })
    expect(chooser.evaluate(QUICK)).toEqual(QUICK_RESULT)
  },
)
