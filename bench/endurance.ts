import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createEvaluator } from '../src/engine/create-evaluator.ts'
import { openPolicy, type OpenPolicy } from '../src/engine/open-policy.ts'
import { readMemoryMinimum } from '../src/engine/read-memory-minimum.ts'
import { webAssembly } from '../src/engine/web-assembly.ts'
import { RegateError } from '../src/errors.ts'
import { compileText, toInput } from './engine-cases.ts'

/**
 * Many evaluations on one evaluator, every hundredth of which throws: memory and times must not change from the first part
 * to the last. `node bench/endurance.ts [evaluations]`.
 */
setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
const evaluations = Number(process.argv[2] ?? 1_000_000)
const PARTS = 10
const THROW_EVERY = 100
const POLICY = `package endurance

default allow := false

allow if {
	glob.match("/d/**", ["/"], input.request.path)
	regex.match("^[a-z]{2,30}$", input.identity.subject)
}

headers["X-Caller"] := sprintf("%s (%d)", [input.identity.subject, count(input.identity.roles)])

headers["X-Number"] := input.request.port

status := 403 if input.request.method == "BREAK"

status := 404 if input.request.path == "/d/home"
`

const { wasm } = await compileText('endurance', POLICY)
const module = await webAssembly.compile(wasm)
let instances = 0
let live: OpenPolicy | undefined
const { evaluate } = createEvaluator({
  open: () => {
    instances++
    live = openPolicy(module, { initial: readMemoryMinimum(wasm), maximum: 4096 })
    return live
  },
  entrypoint: 0,
  data: {},
  growthBytes: 8 * 1024 ** 2,
})
const ordinary = toInput('grafana', 'ordinary') as { readonly request: object }
const broken = { ...ordinary, request: { ...ordinary.request, method: 'BREAK' } }

console.log(`${evaluations} evaluations, every ${THROW_EVERY}th throws, Node ${process.version}`)
console.log(
  '| evaluations | median µs | 99th percentile µs | throws | instances | wasm memory MiB | RSS MiB | after a collection: RSS MiB | heap MiB |',
)
console.log('| --- | --- | --- | --- | --- | --- | --- | --- | --- |')
runPart(0, 5_000)
for (let part = 0; part < PARTS; part++) report(part, runPart(part, Math.ceil(evaluations / PARTS)))

interface Part {
  readonly times: Float64Array
  readonly thrown: number
}

function runPart(part: number, count: number): Part {
  const times = new Float64Array(count)
  let thrown = 0
  for (let index = 0; index < count; index++) {
    const number = part * count + index
    const breaks = index % THROW_EVERY === THROW_EVERY - 1
    const started = performance.now()
    if (
      evaluateOnce(
        breaks ? broken : { ...ordinary, request: { ...ordinary.request, port: number } },
        number,
      ) !== breaks
    )
      throw new Error(`evaluation ${number} ${breaks ? 'did not throw' : 'threw'}`)
    times[index] = (performance.now() - started) * 1000
    if (breaks) thrown++
  }
  return { times: times.toSorted(), thrown }
}

/** Whether the evaluation threw; its verdict is checked. */
function evaluateOnce(input: object, number: number): boolean {
  try {
    const { allow, headers } = evaluate(input) as {
      readonly allow: boolean
      readonly headers: Readonly<Record<string, unknown>>
    }
    if (allow && headers['X-Caller'] === 'bob (1)' && headers['X-Number'] === number) return false
  } catch (error) {
    if (error instanceof RegateError && error.message.includes('endurance/policy.rego:')) return true
    throw error
  }
  throw new Error(`evaluation ${number} came to a wrong verdict`)
}

function report(part: number, { times, thrown }: Part): void {
  const at = (share: number): string => (times[Math.floor(share * (times.length - 1))] ?? 0).toFixed(2)
  const toMebibytes = (bytes: number): string => (bytes / 1024 ** 2).toFixed(1)
  const { rss } = process.memoryUsage()
  collect()
  const { rss: kept, heapUsed } = process.memoryUsage()
  const memory = [live?.memoryBytes() ?? 0, rss, kept, heapUsed].map(toMebibytes)
  const cells = [(part + 1) * times.length, at(0.5), at(0.99), thrown, instances, ...memory]
  console.log(`| ${cells.join(' | ')} |`)
}
