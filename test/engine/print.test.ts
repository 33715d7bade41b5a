import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, expect, it } from 'vitest'
import { printBuiltins } from '../../src/engine/builtins/print.ts'
import { findDisagreement } from '../../src/engine/find-disagreement.ts'
import { loadModule } from '../../src/engine/load-module.ts'
import { createSlowLane } from '../../src/engine/slow-lane.ts'
import { parseValue } from '../../src/engine/values/parse-value.ts'
import { idleContext } from './builtins/idle-context.ts'
import { findTestCompiler, openCompilerBed } from './compiler-bed.ts'

const bed = await openCompilerBed()
const folder = await mkdtemp(join(tmpdir(), 'regate-print-'))
afterAll(() => rm(folder, { recursive: true }))

const INPUT = {
  request: {
    path: '/a "b"\\\n\u0007é😀\u2028',
    query: { 'tag[]': ['x', 'y'], page: ['1.50'] },
    preflight: false,
  },
}

async function evaluatorOf(text: string, options: { memoryBytes?: number } = {}) {
  return (await bed.load(text)).createEvaluator({ data: {}, ...options })
}

/** What a policy prints on an input, and its result. */
async function printsOf(text: string, input: object = INPUT) {
  const printed: string[] = []
  const result = (await evaluatorOf(text)).evaluate(input, (line) => printed.push(line))
  return { printed, result }
}

/** What `opa eval` writes to its error stream. A module does not leave a rule early once it holds. */
async function opaPrints(text: string): Promise<string> {
  const file = join(folder, 'policy.rego')
  await writeFile(file, text)
  const words = [
    'eval',
    '--disable-early-exit',
    '--data',
    file,
    '--stdin-input',
    '--format=json',
    'data.grafana.allow',
  ]
  const { path } = await findTestCompiler()
  const running = promisify(execFile)(path, words)
  running.child.stdin?.end(JSON.stringify(INPUT))
  return (await running).stderr
}

it.each([
  ['texts, without quotes', '"a", "", "q\\"q", "tab\\t", `raw\\n`'],
  ['numbers as they were written', '1, -0, 1.50, 1e3, 12345678901234567890, 0.1 + 0.2, 5 / 2'],
  ['the other simple values', 'true, false, null'],
  ['sets, sorted and without twins', '{3, 1, 2, 1}, {"b", "a"}, set(), {{2}, {1, 0}}'],
  [
    'nested values, their texts quoted',
    '[1, ["x", {"k": [null, {"é😀"}]}]], {}, [], {"b": 1, "a": {2: "\\n"}}',
  ],
  ['what is undefined', 'input.request.host, "and", input.request.headers.none[0]'],
  ['the input', 'input'],
  ['a text of the caller', 'input.request.path, [input.request.path]'],
  ['nothing', ''],
])('prints %s as OPA does', async (_, operands) => {
  const text = `package grafana\n\nallow if print(${operands})\n`
  const { printed, result } = await printsOf(text)
  expect(printed.map((line) => `${line}\n`).join('')).toBe(await opaPrints(text))
  expect(printed).toHaveLength(1)
  expect(result).toEqual({ allow: true })
})

it('prints in loops, functions and comprehensions as often as OPA does', async () => {
  const text = `package grafana

allow if {
	some number in numbers.range(1, 5)
	print("number", number)
	big(number)
}

big(number) if {
	print("big?", number, {twice | some each in [1, 2]; print("each", each); twice := each * 2})
	number > 2
}
`
  const { printed } = await printsOf(text)
  expect(printed.length).toBeGreaterThan(9)
  expect(`${printed.join('\n')}\n`).toBe(await opaPrints(text))
})

it('prints every choice of values where the list of operands holds larger sets', () => {
  const printed: string[] = []
  const print = (text: string) => void printed.push(text)
  for (const operands of ['[{2, 1}, {"x"}, {"b", "a"}]', '["bare", 1, {}]', '"no list"'])
    printBuiltins['internal.print']?.([parseValue(operands)], { ...idleContext, print })
  expect(printed).toEqual(['1 x a', '1 x b', '2 x a', '2 x b', 'bare 1 {}', 'no list'])
})

it('tells what was printed before an evaluation failed', async () => {
  const { evaluate } = await evaluatorOf(
    'package grafana\n\nallow if print("before")\n\nmessage := "a"\n\nmessage := input.request.path\n',
  )
  const printed: string[] = []
  expect(() => evaluate(INPUT, (text) => printed.push(text))).toThrow(/grafana\/policy\.rego:/)
  expect(printed).toEqual(['before'])
})

it('tells each listener of its own evaluation only, and nobody where nobody listens', async () => {
  const { evaluate } = await evaluatorOf('package grafana\n\nallow if print(input.request.path)\n')
  const heard: string[] = []
  for (const path of ['1', '2', '3', '4'])
    evaluate({ request: { path } }, path === '3' ? undefined : (text) => heard.push(`${path}: ${text}`))
  expect(heard).toEqual(['1: 1', '2: 2', '4: 4'])
})

it('hands on at most a hundred texts, and says that there were more', async () => {
  const text =
    'package grafana\n\nallow if every number in numbers.range(1, to_number(input.request.path)) { print(number) }\n'
  const all = (count: number) => Array.from({ length: count }, (_, index) => String(index + 1))
  expect((await printsOf(text, { request: { path: '100' } })).printed).toEqual(all(100))
  for (const path of ['101', '100000']) {
    const { printed, result } = await printsOf(text, { request: { path } })
    expect(printed).toEqual([...all(100), expect.stringContaining('more was printed')])
    expect(result).toEqual({ allow: true })
  }
})

it('hands on at most 16 KiB, of a longer text its beginning', async () => {
  const text = 'package grafana\n\nallow if { print("é"); print(input.request.path); print("last") }\n'
  const rest = 16 * 1024 - 2
  const one = (await printsOf(text, { request: { path: 'x'.repeat(rest - 4) } })).printed
  expect(one).toEqual(['é', 'x'.repeat(rest - 4), 'last'])
  const other = (await printsOf(text, { request: { path: 'x'.repeat(1_000_000) } })).printed
  expect(other).toEqual(['é', 'x'.repeat(rest), expect.stringContaining('more was printed')])
})

it('reads no more of what is printed than it hands on, so that printing does not exhaust memory', async () => {
  const { evaluate } = await evaluatorOf(
    'package grafana\n\nallow if every number in numbers.range(1, 5000) { print(number, input) }\n',
    { memoryBytes: 32 * 1024 * 1024 },
  )
  const printed: string[] = []
  const input = { request: { path: 'x'.repeat(20_000) } }
  expect(evaluate(input, (text) => printed.push(text))).toEqual({ allow: true })
  expect(printed).toHaveLength(2)
})

it.each([1_000, 5_000])('comes to the same result where it prints a value of depth %s', async (depth) => {
  const { evaluate } = await evaluatorOf(
    'package grafana\n\nallow if { value := json.unmarshal(input.request.path); print("value", value) }\n',
  )
  const input = { request: { path: `${'['.repeat(depth)}${']'.repeat(depth)}` } }
  const outcomes = [undefined, () => undefined].map((listener) => evaluate(input, listener))
  expect(outcomes).toEqual([{ allow: true }, { allow: true }])
})

it('comes to the same result, allow or deny, where the listener fails', async () => {
  const { evaluate } = await evaluatorOf(
    'package grafana\n\nallow if { print("asked"); input.request.path == "/" }\n\nstatus := 404\n',
  )
  let asked = 0
  const listener = () => {
    asked += 1
    throw new Error('the disk is full')
  }
  expect(evaluate({ request: { path: '/' } }, listener)).toEqual({ allow: true, status: 404 })
  expect(evaluate({ request: { path: '/x' } }, listener)).toEqual({ status: 404 })
  expect(asked).toBe(2)
})

it('hands on what is printed in the slow lane', async () => {
  const wasm = await bed.build('package grafana\n\nallow if print("slow", input.request.query)\n')
  const lane = createSlowLane({
    code: async () => ({ bytes: wasm, dataJson: '{}' }),
    deadlineMs: 10_000,
  })
  const printed: string[] = []
  expect(await lane.evaluate(INPUT, (text) => printed.push(text))).toEqual({ allow: true })
  expect(printed).toEqual(['slow {"page": ["1.50"], "tag[]": ["x", "y"]}'])
  await lane.close()
})

it('keeps the second opinion of a policy that prints', async () => {
  const sound = await bed.build('package grafana\n\nallow if print("fine", input)\n')
  expect((await loadModule(sound)).hostBuiltins).toEqual(['internal.print'])
  expect(await findDisagreement({ bytes: sound, data: {}, inputs: [INPUT, {}] })).toBeUndefined()
  // The SDK rounds it, the engine refuses to.
  const odd = await bed.build('package grafana\n\nstatus := 9007199254740993 if print("odd")\n')
  expect(await findDisagreement({ bytes: odd, data: {}, inputs: [INPUT] })).toBe(0)
})

it('knows that a printed part of the input is read', async () => {
  const { inputPaths } = await bed.compile('package grafana\n\nallow if print(input.request.path)\n')
  expect(inputPaths).toEqual(['request.path'])
  expect((await bed.compile('package grafana\n\nallow if print(input)\n')).inputPaths).toEqual(['*'])
})

it.each([
  ['another app', 'data.wiki.secret', 'FOREIGN_REFERENCE'],
  ['a misspelt name', 'input.request.pth', 'POLICY_COMPILE_FAILED'],
])('refuses a print of %s', async (_, operand, code) => {
  await expect(bed.compile(`package grafana\n\nallow if print(${operand})\n`)).rejects.toMatchObject({ code })
})
