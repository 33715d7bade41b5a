import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { buildModule } from '../../src/catalog/build-module.ts'
import { buildInstrumented, instrumentApp } from '../../src/catalog/instrument.ts'
import { type AppSources, withStagedApp } from '../../src/catalog/stage-app.ts'
import { createTrace, type Trace } from '../../src/catalog/trace.ts'
import { readYaml } from '../../src/engine/builtins/yaml/read-yaml.ts'
import { toObject, type Value } from '../../src/engine/values/value.ts'
import { writeValue } from '../../src/engine/values/write-value.ts'
import { loadModule } from '../../src/engine/load-module.ts'
import { openCompilerBed } from '../engine/compiler-bed.ts'
import { makeInput, makeText, makeValue } from '../fuzz/make-input.ts'
import { makeRequest } from '../fuzz/make-request.ts'
import { createRandom, type Random } from '../fuzz/random.ts'

const { compiler } = await openCompilerBed()
const EXAMPLES = new URL('../../policies', import.meta.url).pathname
const FUZZED = new URL('../fuzz/policies', import.meta.url).pathname
const HOSTILE = new URL('instrument', import.meta.url).pathname
const TIME_MS = 1_800_000_000_000

async function readFiles(folder: string, prefix: string) {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.rego'))
  return Promise.all(
    names.map(async (name) => ({
      path: `${prefix}/${name}`,
      text: await readFile(join(folder, name), 'utf8'),
    })),
  )
}

async function open(app: AppSources, data: object = {}) {
  const { markers, prefix, wasm } = await buildInstrumented(app, { compiler })
  const plainWasm = await withStagedApp(app, compiler.cacheFolder, (stage) => buildModule(stage, compiler))
  const [plain, marked] = await Promise.all([plainWasm, wasm].map((bytes) => loadModule(bytes)))
  if (plain === undefined || marked === undefined) throw new Error('no module')
  const evaluators = [
    plain.createEvaluator({ data }),
    marked.createEvaluator({ data, limitsPrints: false }),
  ] as const
  function evaluate(input: string, trace: Trace): unknown {
    const [one, other] = [
      attempt(() => evaluators[0].evaluate(input, undefined, TIME_MS)),
      attempt(() => evaluators[1].evaluate(input, trace.onPrint, TIME_MS)),
    ]
    expect(other, input).toEqual(one)
    return one
  }
  return { markers, prefix, evaluate }
}

function attempt(run: () => unknown): unknown {
  try {
    return run()
  } catch (error) {
    return String(error)
  }
}

/** Evaluates both on many inputs, and returns how much of the policy was reached and how much held. */
async function compare(app: AppSources, make: (random: Random) => Value, count: number, data?: object) {
  const { markers, prefix, evaluate } = await open(app, data)
  const random = createRandom(app.name)
  const trace = createTrace(prefix)
  for (let round = 0; round < count; round += 1) evaluate(writeValue(make(random)), trace)
  for (const id of trace.held) expect(trace.reached.has(id)).toBe(true)
  const missed = markers.filter(({ id, file }) => !trace.reached.has(id) && !file.startsWith('lib/'))
  return {
    markers: markers.length,
    missed: missed.map(({ row, text }) => `${row} ${text}`),
    held: trace.held.size,
  }
}

it.each(['api', 'grafana', 'myapp', 'site', 'tenants'])(
  'marks the example %s without changing a verdict',
  async (name) => {
    const files = await readFiles(join(EXAMPLES, name), name)
    const table = await readFile(join(EXAMPLES, name, 'data.yaml'), 'utf8').catch(() => undefined)
    const data = table === undefined ? {} : { [name]: JSON.parse(writeValue(readYaml(table) ?? null)) }
    const app = {
      name,
      files: files.filter(({ path }) => !path.includes('_test')),
      lib: await readFiles(join(EXAMPLES, 'lib'), 'lib'),
    }
    const { markers, held, missed } = await compare(app, makeRequest, 150, data)
    expect(missed.length).toBeLessThan(markers / 8)
    expect(held).toBeGreaterThan(markers / 8)
  },
)

it('marks policies that use every builtin without changing a result', async () => {
  for (const { path, text } of await readFiles(FUZZED, 'fuzz')) {
    const name = path.replace(/^fuzz\/|\.rego$/g, '')
    const source = `${text.replace(/^package fuzz\./m, 'package ')}\nheaders := r\n`
    const { markers, held } = await compare({ name, files: [{ path, text: source }], lib: [] }, makeInput, 8)
    expect(held).toBeGreaterThan(markers / 2)
  }
}, 60_000)

const FIELDS = [
  'plain',
  'roles',
  'list',
  'banned',
  'late',
  'word',
  'never',
  'bare',
  'group',
  'status',
  'pick',
  'denied',
  'text',
  'second',
  'object',
  'role',
  'fall',
  'crlf',
]

function makeHostile(random: Random): Value {
  const fields = FIELDS.filter(() => random.chance(0.7)).map(
    (name) => [name, makeField(random, name)] as const,
  )
  return toObject([...fields, ['a', toObject([['b', '}']])]])
}

function makeField(random: Random, name: string): Value {
  if (random.chance(0.1)) return makeValue(random, 1)
  if (name === 'list') return Array.from({ length: random.below(4) }, () => number(random.below(9)))
  if (name === 'roles') return random.pick([['admin', 'b'], ['x'], []])
  if (name === 'object')
    return toObject([
      ['X-B', ['a', true]],
      ['name', makeText(random)],
      ['k', true],
    ])
  if (name === 'word') return random.pick(['abc', 'x9', '{}', 'é'])
  if (name === 'pick' || name === 'group' || name === 'status') return number(random.below(5))
  return random.pick<Value>([true, false, 'text'])
}

function number(value: number): Value {
  return { kind: 'number', text: String(value) }
}

async function readHostile(change: (text: string) => string): Promise<AppSources> {
  const [file] = await readFiles(HOSTILE, 'hostile')
  const lib = await readFiles(join(HOSTILE, 'lib'), 'lib')
  return { name: 'hostile', files: [{ path: 'hostile/policy.rego', text: change(file?.text ?? '') }], lib }
}

it.each([
  ['line feeds', (text: string) => text],
  ['carriage returns', (text: string) => text.replaceAll('\n', '\r\n')],
])('marks hostile sources with %s without changing a verdict', async (_, change) => {
  const { missed, held } = await compare(await readHostile(change), makeHostile, 150)
  expect(missed).toEqual([])
  expect(held).toBeGreaterThan(80)
})

it('leaves everything else byte for byte', async () => {
  const app = await readHostile((text) => text)
  const { files, prefix } = await instrumentApp(app, { compiler })
  const [marked = ''] = files.map(({ text }) => text)
  const value = `${prefix}_\\d+`
  const print = `print\\("${prefix} [^"]*"\\)`
  const bare = marked
    .replaceAll(new RegExp(`; ${print}`, 'g'), '')
    .replaceAll(new RegExp(`${print}; `, 'g'), '')
  expect(bare).toContain('# } else if {\n')
  expect(bare).toContain('\tevery item in input.list { item > 0; item < 10 } # }\n')
  expect(bare).toContain(';\t\tinput.word\n')
  expect(bare).toMatch(new RegExp(`else := ${value} if { ${value} := input.status }`))
})

it('tells what was reached, what held, and what the policy printed itself', async () => {
  const text = `package demo

allow if {
	print("user", input.user)
	some role in input.roles
	role == "admin"
	input.strong
}

deny contains "late" if input.late

headers["X-User"] := input.user
`
  const { markers, prefix, evaluate } = await open({
    name: 'demo',
    files: [{ path: 'demo/policy.rego', text }],
    lib: [],
  })
  const trace = createTrace(prefix)
  expect(evaluate('{"user":"bob","roles":["viewer","admin"]}', trace)).toEqual({
    deny: [],
    headers: { 'X-User': 'bob' },
  })
  const marks = markers.map(({ id, kind, row, column, text: part }) => {
    const mark = trace.held.has(id) ? 'held' : trace.reached.has(id) ? 'failed' : 'blank'
    return `${mark} ${kind} ${row}:${column} ${part}`
  })
  expect(marks).toEqual([
    'failed rule 3:1 allow',
    'held condition 4:2 print("user", input.user)',
    'held condition 5:2 some role in input.roles',
    'held condition 6:2 role == "admin"',
    'failed condition 7:2 input.strong',
    'failed rule 10:1 deny contains "late"',
    'failed condition 10:25 input.late',
    'held rule 12:1 headers["X-User"] := input.user',
    'held value 12:22 input.user',
  ])
  expect(trace.printed).toEqual(['user bob'])
})

it('says nothing of conditions whose order the compiler may change', async () => {
  const text = `package demo

allow if {
	input.first
	input.list[i] == wanted
	wanted = input.wanted
	i > 0
}
`
  const { markers } = await instrumentApp(
    { name: 'demo', files: [{ path: 'demo/policy.rego', text }], lib: [] },
    { compiler },
  )
  expect(markers.map((marker) => marker.text)).toEqual(['input.first'])
})

it('leaves a file that does not parse as it is', async () => {
  const files = [{ path: 'demo/policy.rego', text: 'package demo\n\nallow if {' }]
  const app = await instrumentApp({ name: 'demo', files, lib: [] }, { compiler })
  expect(app.files).toEqual(files)
  expect(app.markers).toEqual([])
})
