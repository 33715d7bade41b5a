import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, inject, it } from 'vitest'
import { NO_ANNOTATION } from '../../src/catalog/annotation.ts'
import { compileApp } from '../../src/catalog/compile-app.ts'
import { inputPaths } from '../../src/catalog/input-paths.ts'
import { sampleInputs } from '../../src/catalog/sample-inputs.ts'
import { loadModule } from '../../src/engine/load-module.ts'
import { openCompilerBed } from '../engine/compiler-bed.ts'
import { checkApps, readApp } from './read-apps.ts'

const bed = await openCompilerBed()
const POLICIES = new URL('../../policies', import.meta.url).pathname

async function readShipped(folder: string) {
  const names = (await readdir(join(POLICIES, folder))).filter((name) => /(?<!_test)\.rego$/.test(name))
  return Promise.all(
    names.map(async (name) => ({
      path: `${folder}/${name}`,
      text: await readFile(join(POLICIES, folder, name), 'utf8'),
    })),
  )
}

async function compileShipped() {
  const compiler = { ...bed.compiler, cacheFolder: inject('sharedCache') }
  const lib = await readShipped('lib')
  const names = (await readdir(POLICIES)).filter((name) => name !== 'lib')
  return Promise.all(
    names.map(async (name) => {
      const app = { name, files: await readShipped(name) }
      return { name, ...(await compileApp({ app, lib, compiler })) }
    }),
  )
}

const CALLER = ['identity.roles', 'identity.scopes', 'identity.subject']

it('says of every shipped policy what it can read', async () => {
  const read = (await compileShipped()).map((app) => [app.name, app.inputPaths])
  expect(Object.fromEntries(read)).toEqual({
    api: ['identity.claims.acr', ...CALLER, 'request.method', 'request.path_segments'],
    grafana: ['identity.email', 'identity.name', ...CALLER],
    myapp: CALLER,
    site: [...CALLER, 'request.method', 'request.path_segments'],
    tenants: ['identity.subject', 'request.host', 'request.method'],
  })
})

it('leaves nothing out that would change what a shipped policy says', async () => {
  for (const { name, wasm, inputPaths: paths } of await compileShipped()) {
    const { evaluate } = (await loadModule(wasm)).createEvaluator({ data: {} })
    for (const input of sampleInputs(name, { ...NO_ANNOTATION, hosts: [`${name}.example.com`] }))
      expect(evaluate(keepOnly(input, paths))).toEqual(evaluate(input))
  }
})

/** An input without the fields that are not read. */
function keepOnly(input: object, paths: readonly string[]): object {
  const isRead = (path: string): boolean =>
    paths.some((known) => known === path || known.startsWith(`${path}.`) || path.startsWith(`${known}.`))
  const keep = (value: unknown, path: string): unknown =>
    isPlain(value)
      ? Object.fromEntries(
          Object.entries(value).flatMap(([name, part]) => {
            const below = path === '' ? name : `${path}.${name}`
            return isRead(below) ? [[name, keep(part, below)]] : []
          }),
        )
      : value
  return Object(keep(input, ''))
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

async function pathsOf(body: string): Promise<string> {
  return inputPaths(await readApp(body, bed.compiler)).join(' ')
}

const STATIC: readonly (readonly [body: string, paths: string])[] = [
  ['allow if input.request.path == "/"', 'request.path'],
  ['allow if input["request"]["path"] == "/"', 'request.path'],
  ['allow if input.identity', 'identity'],
  ['allow if not input.identity', 'identity'],
  ['allow if input.identity.claims.realm_access.roles[_] == "x"', 'identity.claims.realm_access'],
  ['allow if input.identity.claims["https://a.example/x"]', 'identity.claims'],
  ['allow if {\n\tsome name\n\tinput.identity.claims[name] == "x"\n}', 'identity.claims'],
  ['allow if input.request.headers.accept[0] == "x"', 'request.headers.accept'],
  ['allow if input.request.headers["x-a"]', 'request.headers.x-a'],
  ['allow if input.request.headers["a.b"]', 'request.headers'],
  ['allow if input.app.name == "grafana"', 'app.name'],
  ['message := "constant"', ''],
  [
    'default message := "x"\n\nmessage := input.request.id if input.request.port == 1',
    'request.id request.port',
  ],
]

const HANDED_ON: readonly (readonly [what: string, body: string, paths: string])[] = [
  ['a computed key of a document', 'allow if { k := "path"; input.request[k] }', 'request'],
  ['a loop over a document', 'allow if { some k; input.request[k] == "x" }', 'request'],
  ['some … in', 'allow if { some v in input.identity; v == "x" }', 'identity'],
  ['every … in', 'allow if { every v in input.request.path_segments { v != "" } }', 'request.path_segments'],
  ['an argument', 'f(x) := x.path\n\nallow if f(input.request) == "/"', 'request'],
  ['object.get on a document', 'allow if object.get(input.request, "path", 0) == 0', 'request'],
  ['walk over a document', 'allow if { walk(input.identity, [_, v]); v == "x" }', 'identity'],
  ['an import', 'import input.request as req\n\nallow if req.path == "/"', 'request'],
  ['an alias of a document', 'allow if { x := input.request; x.path == "/" }', 'request'],
  [
    'a comprehension',
    'message := concat("", [s | some s in input.request.path_segments])',
    'request.path_segments',
  ],
  ['an object comprehension', 'headers := {k: v | v := input.request.query[k]}', 'request.query'],
  [
    'else',
    'message := "a" if input.request.preflight else := input.request.id',
    'request.id request.preflight',
  ],
  ['a head', 'headers[input.request.method] := input.request.host', 'request.host request.method'],
  ['a set head', 'deny contains input.request.host', 'request.host'],
  ['a template string', 'message := $"{input.request.host}"', 'request.host'],
  [
    'a reference as a key',
    'allow if input.request.headers[input.request.method][0] == "x"',
    'request.headers request.method',
  ],
  ['a nested data key', 'allow if data.grafana.users[input.identity.subject]', 'identity.subject'],
  ['a with value', 'allow if data.grafana.x with data.grafana.y as input.request.port', 'request.port'],
]

const WHOLE: readonly (readonly [what: string, body: string])[] = [
  ['an alias', 'allow if { x := input; x.request.path == "/" }'],
  ['an import of all', 'import input as i\n\nallow if i.request.path == "/"'],
  ['an import under its own name', 'import input\n\nallow if input.request.path == "/"'],
  ['a computed document', 'allow if { some k; input[k] }'],
  ['a key that is a reference', 'allow if input[input.app.name]'],
  ['walk', 'allow if { walk(input, [_, v]); v == "x" }'],
  ['object.get', 'allow if object.get(input, ["request", "path"], 0) == 0'],
  ['an argument', 'f(x) := x.request\n\nallow if f(input)'],
  ['a builtin', 'message := json.marshal(input)'],
  ['a comprehension', 'allow if count([v | some v in input]) == 3'],
  ['an element', 'allow if [input][0].request.path == "/"'],
  ['with input as', 'allow if data.grafana.x with input as {"request": {}}\n\nx := input.request.id'],
  ['with a part of input', 'allow if data.grafana.x with input.request.id as "x"\n\nx := input.request.id'],
  ['with … as input', 'allow if data.grafana.x.request.id with data.grafana.x as input'],
  ['a template string', 'message := $"{input}"'],
  ['else', 'message := "a" if input.app.name == "x" else := input.request.id if { y := input; y.app }'],
  ['a default function', 'f(x) := input[x]\n\ndefault f(_) := 1\n\nstatus := f("app")'],
]

const toLines = (body: string) => body.replaceAll('; ', '\n')

it.each(STATIC)('reads a static reference as far as it goes: %s', async (body, paths) => {
  expect(await pathsOf(body)).toBe(paths)
})

it.each(HANDED_ON)('counts what it hands on as read whole: %s', async (_, body, paths) => {
  expect(await pathsOf(toLines(body))).toBe(paths)
})

it.each(WHOLE)('says all where the whole input is within reach: %s', async (_, body) => {
  expect(await pathsOf(toLines(body))).toBe('*')
})

it('knows this of policies alone that pass the strict check', async () => {
  const bodies = [
    ...STATIC.map(([body]) => body),
    ...[...HANDED_ON, ...WHOLE].map(([, body]) => toLines(body)),
  ]
  expect(await checkApps(bodies, bed.compiler)).toBeUndefined()
})

it('counts the shared code that is compiled in, and no other', async () => {
  const lib = {
    'lib/used.rego': 'package lib.used\n\nhost := input.request.host\n\ngiven(x) := x.path\n',
    'lib/unused.rego': 'package lib.unused\n\nall := input\n',
  }
  const read = async (body: string) => (await bed.compile(`package grafana\n\n${body}\n`, { lib })).inputPaths
  expect(await read('message := data.lib.used.host')).toEqual(['request.host'])
  expect(await read('message := data.lib.used.given(input)')).toEqual(['*'])
})

it('keeps the list with the module in the cache', async () => {
  const text = 'package grafana\n\nmessage := input.request.scheme\n'
  const first = await bed.compile(text)
  expect(await bed.compile(text)).toMatchObject({
    fromCache: true,
    inputPaths: ['request.scheme'],
    ruleNames: ['message'],
  })
  expect(first).toMatchObject({ fromCache: false, inputPaths: ['request.scheme'] })
})

it('knows the rules of an app, however they are written', async () => {
  const text = `package grafana default
one := 1 two if { false } three[x] := 3 if x := "a"
	four(x) := x

five.six["seven"] := 8 if { true } else := 9
eight contains
  "not_a_rule"
`
  const files = {
    'grafana/b.rego': 'package grafana["nine"].ten\n\neleven := 1\n',
    'grafana/c.rego': '# nothing but a package\npackage\n grafana\n\ntwelve := `\nthirteen := 1\n`\n',
  }
  const { ruleNames } = await bed.compile(text, { files })
  expect(ruleNames).toEqual(['eight', 'five', 'four', 'nine', 'one', 'three', 'twelve', 'two'])
})
