import { createInputWriter } from '../src/decision/create-input-writer.ts'
import { checkNumbers } from '../src/engine/check-numbers.ts'
import { readMemoryMinimum } from '../src/engine/read-memory-minimum.ts'
import { toJsonText } from '../src/engine/to-json-text.ts'
import { type WasmExports, webAssembly } from '../src/engine/web-assembly.ts'
import { type BenchPolicy, compilePolicies, toApp, toRequest } from './engine-cases.ts'

/**
 * Where the time of one evaluation goes, and what other ways of doing each step would cost, in microseconds.
 * Each step runs by itself, in batches, on an instance that is moved as the engine moves its own.
 * `node bench/engine-stages.ts [rounds]`.
 */
const rounds = Number(process.argv[2] ?? 201)
const BATCH = 100
const FAST_PATH_JSON = 0

/** What some ways need beyond what the engine calls. */
interface MoreExports extends WasmExports {
  readonly opa_eval: (...operands: readonly number[]) => number
  readonly opa_value_add_path: (base: number, path: number, value: number) => number
}

const policies = (await compilePolicies()).filter(({ name }) => ['grafana', 'patterns'].includes(name))
for (const policy of policies) await report(policy)

async function report(policy: BenchPolicy): Promise<void> {
  const { request, identity } = toRequest(policy.name, 'ordinary')
  const write = (paths?: ReadonlySet<string>) => createInputWriter(toApp(policy.name, paths), new Set())
  const [writeWhole, writeRead] = [write(), write(policy.inputPaths)]
  const whole = writeWhole(request, identity)
  const input = JSON.parse(whole) as object
  const read = writeRead(request, identity)
  for (const [title, text, make] of [
    ['an object', whole, () => toJsonText(input)],
    ['whole, from the request', whole, () => toJsonText(writeWhole(request, identity))],
    ['read parts, from the request', read, () => toJsonText(writeRead(request, identity))],
    ['read parts, identity written anew', read, () => toJsonText(writeRead(request, { ...identity }))],
  ] as const) {
    const steps = await measureSteps(policy, make)
    print(`${policy.name}, ${title}, ${Buffer.byteLength(text)} B`, steps, true)
  }
  print(
    `${policy.name}: other ways, on ${Buffer.byteLength(whole)} B`,
    await measureOtherWays(policy, input),
    false,
  )
}

type Steps = ReadonlyMap<string, readonly number[]>

async function measureSteps(policy: BenchPolicy, makeText: () => string): Promise<Steps> {
  const { exports, view, writeText, parse, rewind, evaluate } = await open(policy)
  const record = createRecord()
  for (let round = 0; round < rounds; round++) {
    rewind()
    const texts = record('stringify', () => makeText())
    const addresses = record('copy', (index) => writeText(texts[index] ?? ''))
    const inputs = record('parse', (index) => parse(addresses[index] ?? [0, 0]))
    const results = record('evaluate', (index) => evaluate(inputs[index] ?? 0))
    const dumps = record('result: write as JSON', (index) => exports.opa_json_dump(results[index] ?? 0))
    const outputs = record('result: read the text', (index) => readText(view(), dumps[index] ?? 0))
    const values = record('result: JSON.parse', (index): unknown => JSON.parse(outputs[index] ?? ''))
    record('result: check numbers', (index) => checkNumbers(values[index]))
  }
  return record.steps
}

async function measureOtherWays(policy: BenchPolicy, input: object): Promise<Steps> {
  const text = JSON.stringify(input)
  const { identity, ...constant } = input as { readonly identity: object }
  const instance = await open(policy)
  const { exports, view, writeText, parse, rewind, evaluate } = instance
  const key = parse(writeText('["identity"]'))
  const identityAddress = parse(writeText(JSON.stringify(identity)))
  instance.keep()
  const encoder = new TextEncoder()
  const bytes = Buffer.from(text)
  const parsed = new Map<string, unknown>()
  const record = createRecord()
  const context = (): number => evaluate(parse(writeText(text)))
  for (let round = 0; round < rounds; round++) {
    rewind()
    record('copy: measure, then write (kept)', () => writeText(text))
    record('copy: encode to bytes, then copy', () => {
      const encoded = encoder.encode(text)
      view().set(encoded, exports.opa_malloc(encoded.byteLength))
    })
    record('copy: encode into memory, room for the longest', () => {
      const address = exports.opa_malloc(text.length * 3)
      encoder.encodeInto(text, view().subarray(address))
    })
    record('copy: bytes that are there already', () => view().set(bytes, exports.opa_malloc(bytes.length)))
    rewind()
    record('parse: all', () => parse(writeText(text)))
    rewind()
    record('parse: identity kept parsed, the rest anew', () =>
      exports.opa_value_add_path(parse(writeText(JSON.stringify(constant))), key, identityAddress),
    )
    rewind()
    const outputs = record('all but reading the value', () =>
      readText(view(), exports.opa_json_dump(evaluate(parse(writeText(text))))),
    )
    record('result: JSON.parse, check numbers (kept)', (index) =>
      checkNumbers(JSON.parse(outputs[index] ?? '')),
    )
    record('result: look up the value of a text that was parsed before', (index) =>
      parsed.get(outputs[index] ?? ''),
    )
    outputs.forEach((output) => parsed.set(output, JSON.parse(output)))
    rewind()
    record('copy, parse, evaluate: context, heap rewound late (kept)', context)
    record('copy, parse, evaluate: context, heap rewound each time', () => {
      rewind()
      return context()
    })
    record('copy, parse, evaluate, write: opa_eval', () => {
      const start = instance.heapStart()
      view().set(encoder.encode(text), start)
      const operands = [0, 0, instance.data, start, bytes.length, start + bytes.length, FAST_PATH_JSON]
      return exports.opa_eval(...operands)
    })
  }
  return record.steps
}

async function open({ wasm, data }: BenchPolicy) {
  const memory = new webAssembly.Memory({ initial: readMemoryMinimum(wasm) + 128, maximum: 4096 })
  const fail = (): never => {
    throw new Error('called back')
  }
  const calls = {
    opa_builtin0: fail,
    opa_builtin1: fail,
    opa_builtin2: fail,
    opa_builtin3: fail,
    opa_builtin4: fail,
  }
  const env = { memory, opa_abort: fail, opa_println: fail, ...calls }
  const exports = new webAssembly.Instance(await webAssembly.compile(wasm), { env }).exports as MoreExports
  let buffer = Buffer.from(memory.buffer)
  const view = (): Buffer => {
    if (buffer.buffer !== memory.buffer) buffer = Buffer.from(memory.buffer)
    return buffer
  }
  const writeText = (text: string): readonly [number, number] => {
    const size = Buffer.byteLength(text)
    const address = exports.opa_malloc(size)
    view().write(text, address, 'utf8')
    return [address, size]
  }
  const parse = ([address, size]: readonly [number, number]): number => exports.opa_json_parse(address, size)
  const dataAddress = parse(writeText(JSON.stringify(data)))
  let heap = exports.opa_heap_ptr_get()
  return {
    exports,
    view,
    writeText,
    parse,
    data: dataAddress,
    heapStart: () => heap,
    keep: () => {
      heap = exports.opa_heap_ptr_get()
    },
    rewind: () => exports.opa_heap_ptr_set(heap),
    evaluate: (input: number): number => {
      const context = exports.opa_eval_ctx_new()
      exports.opa_eval_ctx_set_input(context, input)
      exports.opa_eval_ctx_set_data(context, dataAddress)
      exports.opa_eval_ctx_set_entrypoint(context, 0)
      exports.eval(context)
      return exports.opa_eval_ctx_get_result(context)
    },
  }
}

function readText(bytes: Buffer, address: number): string {
  return bytes.toString('utf8', address, bytes.indexOf(0, address))
}

/** Runs a step a batch long and keeps the time of one run; the first third of the rounds warms up. */
function createRecord() {
  const steps = new Map<string, number[]>()
  const record = <T>(step: string, run: (index: number) => T): readonly T[] => {
    const started = process.hrtime.bigint()
    const made = Array.from({ length: BATCH }, (_, index) => run(index))
    const microseconds = Number(process.hrtime.bigint() - started) / 1000 / BATCH
    steps.set(step, [...(steps.get(step) ?? []), microseconds])
    return made
  }
  return Object.assign(record, { steps })
}

function print(title: string, steps: Steps, isSum: boolean): void {
  console.log(`\n| ${title} | µs: median (quartiles) |\n| --- | --- |`)
  let sum = 0
  for (const [step, all] of steps) {
    const sorted = all.slice(Math.floor(rounds / 3)).toSorted((left, right) => left - right)
    const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? 0
    sum += at(0.5)
    console.log(`| ${step} | ${at(0.5).toFixed(2)} (${at(0.25).toFixed(2)}–${at(0.75).toFixed(2)}) |`)
  }
  if (isSum) console.log(`| sum | ${sum.toFixed(2)} |`)
}
