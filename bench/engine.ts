import { deepStrictEqual } from 'node:assert/strict'
import { createInputWriter } from '../src/decision/create-input-writer.ts'
import { loadModule } from '../src/engine/load-module.ts'
import { type BenchPolicy, compilePolicies, SIZES, toApp, toInput, toRequest } from './engine-cases.ts'
import { openSdk } from './open-sdk.ts'

/**
 * Evaluations of one instance, as a ratio to OPA's SDK on the same input, in interleaved rounds of one run:
 * - `host`: the input is an object, as the SDK gets it;
 * - `host, read parts`: the input is written from the request, as in service, and only what the policy can read.
 * `npm run bench:engine -- [rounds] [milliseconds a round]`.
 */
const rounds = Number(process.argv[2] ?? 41)
const roundMs = Number(process.argv[3] ?? 5)

interface Contender {
  readonly run: () => unknown
  readonly evaluations: number
  readonly microseconds: number[]
}

const policies = await compilePolicies()
console.log(
  `${rounds} rounds of about ${roundMs} ms, Node ${process.version}; median (5th–95th percentile of the rounds)`,
)
console.log('| policy | input | SDK µs | host µs | ratio | read parts | host, read parts µs | ratio |')
console.log('| --- | --- | --- | --- | --- | --- | --- | --- |')
for (const policy of policies) {
  for (const size of SIZES) await measure(policy, size)
}

async function measure(policy: BenchPolicy, size: (typeof SIZES)[number]): Promise<void> {
  const { request, identity } = toRequest(policy.name, size)
  const writeRead = createInputWriter(toApp(policy.name, policy.inputPaths), new Set())
  const input = toInput(policy.name, size)
  const sdk = await openSdk(policy)
  const module = await loadModule(policy.wasm)
  const [host, served] = [module.createEvaluator(policy), module.createEvaluator(policy)]
  const runs = [
    () => sdk(input),
    () => host.evaluate(input),
    () => served.evaluate(writeRead(request, identity)),
  ]
  verify(runs)
  const [base, object, parts] = compete(runs)
  const bytes = (text: string): string => `${Buffer.byteLength(text)} B`
  const cells = [
    [policy.name, `${size}, ${bytes(JSON.stringify(input))}`],
    [spread(base), spread(object), spread(ratios(base, object))],
    [bytes(writeRead(request, identity)), spread(parts), spread(ratios(base, parts))],
  ]
  console.log(`| ${cells.flat().join(' | ')} |`)
}

/** Equal answers, and an allow: a policy that fails early would be measured as fast. */
function verify([sdk = () => [], ...others]: readonly (() => unknown)[]): void {
  const [solution] = sdk() as readonly [{ readonly result: { readonly allow: boolean } }]
  if (!solution.result.allow) throw new Error(`not allowed: ${JSON.stringify(solution)}`)
  for (const run of others) deepStrictEqual(run(), solution.result)
}

/** Microseconds an evaluation by round; each round starts with another contender. */
function compete(runs: readonly (() => unknown)[]): readonly (readonly number[])[] {
  const contenders = runs.map(prepare)
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < contenders.length; turn++) {
      const contender = contenders[(round + turn) % contenders.length]
      contender?.microseconds.push(time(contender.run, contender.evaluations))
    }
  }
  return contenders.map(({ microseconds }) => microseconds)
}

function prepare(run: () => unknown): Contender {
  time(run, 3000)
  return { run, evaluations: Math.ceil((roundMs * 1000) / time(run, 500)), microseconds: [] }
}

/** Microseconds of processor time, so that other work of the machine counts as little as can be. */
function time(run: () => unknown, evaluations: number): number {
  const started = process.cpuUsage()
  for (let count = 0; count < evaluations; count++) run()
  const { user, system } = process.cpuUsage(started)
  return (user + system) / evaluations
}

function ratios(base: readonly number[] = [], other: readonly number[] = []): number[] {
  return base.map((value, round) => value / (other[round] ?? value))
}

function spread(values: readonly number[] = []): string {
  const sorted = values.toSorted((left, right) => left - right)
  const at = (share: number): string => (sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(2)
  return `${at(0.5)} (${at(0.05)}–${at(0.95)})`
}
