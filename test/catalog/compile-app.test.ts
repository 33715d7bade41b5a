import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { LEFT_OUT_BUILTINS } from '../../src/engine/left-out-builtins.ts'
import { compileApp } from '../../src/catalog/compile-app.ts'
import { type PreparedCompiler, prepareCompiler } from '../../src/catalog/prepare-compiler.ts'
import { loadModule } from '../../src/engine/load-module.ts'
import { findTestCompiler, openCompilerBed } from '../engine/compiler-bed.ts'

const bed = await openCompilerBed()

async function failureOf(text: string, more = {}) {
  return bed.compile(text, more).then(
    () => 'compiled',
    (error: unknown) => error,
  )
}

function failure(
  code: string,
  file: string,
  row: number,
  column: number,
  message: unknown = expect.any(String),
) {
  return expect.objectContaining({ code, location: { file, row, column }, message })
}

const FILE = 'grafana/policy.rego'

/** A rule for each condition, on the row that `rowOf` says. */
function toPolicy(conditions: readonly string[]): string {
  const rules = conditions.map((condition) => `allow if { ${condition} }\n`)
  return ['package grafana\n', ...rules].join('\n')
}

function rowOf(index: number): number {
  return 3 + 2 * index
}

/** The problems of these conditions, all in one app. */
async function linesOf(conditions: readonly string[], code: string): Promise<readonly string[]> {
  const error = await failureOf(toPolicy(conditions))
  expect(error).toMatchObject({ code, location: { file: FILE, row: rowOf(0) } })
  return error instanceof Error ? error.message.split('\n') : []
}

it('compiles the builtins that policies use, and gives what they say', async () => {
  const text = `package grafana

allow if {
	glob.match("/api/*/list", ["/"], input.request.path)
	net.cidr_contains("10.0.0.0/8", input.request.client_ip)
	regex.match("^[a-z]+$", input.identity.subject)
}

headers["X-Text"] := sprintf("%s is %d of %v", [input.identity.subject, 1, ["a"]])
`
  const { evaluate } = (await loadModule((await bed.compile(text)).wasm)).createEvaluator({ data: {} })
  const identity = { subject: 'bob' }
  const headers = { 'X-Text': 'bob is 1 of ["a"]' }
  expect(evaluate({ request: { path: '/api/x/list', client_ip: '10.1.2.3' }, identity })).toEqual({
    allow: true,
    headers,
  })
  expect(evaluate({ request: { path: '/api/x/y/list', client_ip: '10.1.2.3' }, identity })).toEqual({
    headers,
  })
})

it('refuses builtins that are not provided, each at its place', async () => {
  const text = `package grafana

allow if http.send({"method": "get", "url": "http://localhost"}).status_code == 200

allow if {
	true
	count(net.lookup_ip_addr("localhost")) > 0
}

allow if opa.runtime().env.SECRET
`
  expect(await failureOf(text)).toEqual(failure('POLICY_COMPILE_FAILED', FILE, 3, 10))
  const why = (name: string) =>
    `undefined function ${name}, which is left out on purpose: ${LEFT_OUT_BUILTINS.get(name)}`
  expect(await failureOf(text)).toHaveProperty(
    'message',
    [
      `${FILE}:3:10: ${why('http.send')}`,
      `${FILE}:7:8: ${why('net.lookup_ip_addr')}`,
      `${FILE}:10:10: ${why('opa.runtime')}`,
    ].join('\n'),
  )
})

const MISSPELT: readonly (readonly [expression: string, column: number, message: RegExp])[] = [
  ['input.identity.role == "admin"', 12, /identity\.role \(there are: .*roles/],
  ['input.request.pth == "/"', 12, /request\.pth/],
  ['not input.identity.rolls', 16, /identity\.rolls/],
  ['input.user.name == "bob"', 12, /input\.user/],
  ['input.app.nam == "x"', 12, /app\.nam/],
  ['input.identity.email == 3', 12, /match error/],
  ['input.request.path_segments.a == "x"', 12, /path_segments/],
]

it('finds each misspelt input before it can deny or allow', async () => {
  const lines = await linesOf(
    MISSPELT.map(([expression]) => expression),
    'POLICY_COMPILE_FAILED',
  )
  expect(lines).toHaveLength(MISSPELT.length)
  for (const [index, [, column, message]] of MISSPELT.entries()) {
    const place = `${FILE}:${rowOf(index)}:${column}: `
    const found = lines.filter((line) => line.startsWith(place))
    expect(found, MISSPELT[index]?.[0]).toEqual([expect.stringMatching(message)])
  }
})

const RIGHT = [
  'not input.identity',
  'input.identity',
  'input.identity.claims.realm_access.roles[_] == "x"',
  '"x" in input.request.headers["x-thing"]',
  'input.request.query.page[0] == "2"',
  'some segment in input.request.path_segments; segment == "a"',
  'input.request.port == 443; input.request.websocket; not input.request.preflight',
  'object.get(input, ["identity", "roles"], []) == []',
  'input.app.name == "grafana"',
  'input.identity.authenticated_by == "jwt"',
]

it('takes every right use of the input', async () => {
  expect(await failureOf(toPolicy(RIGHT))).toBe('compiled')
})

it('names every file that is broken in its own right', async () => {
  const files = {
    'grafana/b.rego': 'package grafana\n\nb := }\n',
    'grafana/c.rego': 'package grafana\n\nc := 1 +\n',
  }
  const error = await failureOf('package grafana\n\nallow if {\n\tx :=\n}\n', { files })
  expect(error).toEqual(failure('POLICY_COMPILE_FAILED', 'grafana/b.rego', 3, 6))
  expect(
    String(error)
      .split('\n')
      .map((line) => line.replace(/^RegateError: /, '').split(':')[0]),
  ).toEqual(['grafana/b.rego', 'grafana/c.rego', FILE])
})

const FOREIGN = [
  'data.wiki.allow',
  'data["wiki"].allow',
  'data.system',
  'data.regate.verdict.allow',
  'count(data) > 0',
  'walk(data)',
  'data[input.app.name].allow',
  '$"{data.wiki.x}" == "1"',
  'input.app with data.wiki as 1',
  'data[["a"]]',
]

it('keeps an app out of data that is not its own', async () => {
  const lines = await linesOf(FOREIGN, 'FOREIGN_REFERENCE')
  for (const [index, expression] of FOREIGN.entries()) {
    const found = lines.filter((line) => line.startsWith(`${FILE}:${rowOf(index)}:`))
    expect(found, expression).not.toEqual([])
  }
})

it('finds foreign data wherever it stands: imports, heads, else, functions, comprehensions, shared code', async () => {
  const text = `package grafana

import data.wiki as other

message := data.wiki.text

allow if other.x

f(x) := x if data.wiki.f

else := 1 if data.wiki.g

headers[data.wiki.name] := "x"

deny contains x if some x in [y | y := data.wiki.list[_]]

status := 404 if f(1) == data.lib.geo.code
`
  const lib = { 'lib/geo.rego': 'package lib.geo\n\ncode := data.grafana.code\n' }
  const error = await failureOf(text, { lib })
  expect(error).toEqual(failure('FOREIGN_REFERENCE', FILE, 3, 8))
  const places = String(error).matchAll(/^(?:RegateError: )?(\S+?:\d+):/gm)
  expect([...places].map(([, place]) => place)).toEqual(
    [3, 5, 9, 11, 13, 15].map((row) => `${FILE}:${row}`).concat('lib/geo.rego:3'),
  )
})

it('refuses a file that it could not examine, though the compiler takes it', async () => {
  const text = 'package grafana\n\nallow if data.wiki.allow\n\nstatus := .5\n'
  expect(await failureOf(text)).toEqual(failure('POLICY_COMPILE_FAILED', FILE, 5, 11))
  expect(await failureOf('package grafana\n\nstatus := 0.5\n')).toBe('compiled')
})

it('lets an app read its own documents by computed names', async () => {
  expect(
    await failureOf('package grafana\n\nallow if data.grafana.users[input.identity.subject][_] == "x"\n'),
  ).toBe('compiled')
})

it('holds every file to its package', async () => {
  expect(await failureOf('package wiki\n\nallow := true\n')).toEqual(failure('PACKAGE_MISMATCH', FILE, 1, 1))
  expect(await failureOf('package grafanax\n\nallow := true\n')).toEqual(
    failure('PACKAGE_MISMATCH', FILE, 1, 1),
  )
  expect(await failureOf('package grafana.admin\n\nallow := true\n')).toBe('compiled')
  const lib = { 'lib/geo.rego': '# shared\npackage grafana\n\nallow := true\n' }
  expect(await failureOf('package grafana\n\nallow if data.lib.geo.ok\n', { lib })).toEqual(
    failure('PACKAGE_MISMATCH', 'lib/geo.rego', 2, 1),
  )
})

it('says where the fault lies when a rule of the verdict cannot be read', async () => {
  expect(await failureOf('package grafana\n\nheaders(x) := x\n')).toEqual(
    failure('POLICY_COMPILE_FAILED', FILE, 1, 1),
  )
})

it('compiles in what the app needs of the shared code, and takes no notice of the rest', async () => {
  const lib = {
    'lib/geo.rego': 'package lib.geo\n\nimport data.lib.net\n\nhere if net.private\n',
    'lib/net.rego':
      'package lib.net\n\nprivate if net.cidr_contains("10.0.0.0/8", input.request.client_ip)\n',
    'lib/net_test.rego': 'package lib.net_test\n\n}}\n',
    'lib/broken.rego': 'package lib.broken\n\n}}\n',
  }
  const text = 'package grafana\n\nimport data.lib.geo\n\nallow if geo.here\n'
  const first = await bed.compile(text, { lib })
  expect(first.usesLib).toEqual(['lib/geo.rego', 'lib/net.rego'])
  const evaluator = (await loadModule(first.wasm)).createEvaluator({ data: {} })
  expect(evaluator.evaluate({ request: { client_ip: '10.0.0.1' } })).toEqual({ allow: true })
  const other = await bed.compile(text, { lib: { ...lib, 'lib/broken.rego': 'package lib.broken\n\n}}}\n' } })
  expect(other.fromCache).toBe(true)
  const edited = await bed.compile(text, {
    lib: { ...lib, 'lib/net.rego': 'package lib.net\n\nprivate if false\n' },
  })
  expect(edited.fromCache).toBe(false)
})

it('finds shared code that is named in an unusual way, or says how to write it', async () => {
  const lib = { 'lib/geo.rego': 'package lib.geo\n\nhere := true\n' }
  for (const name of [
    'data["lib"].geo.here',
    'data.lib["geo"].here',
    'data.lib[input.app.name].here',
    'data . lib . geo . here',
  ]) {
    const { usesLib } = await bed
      .compile(`package grafana\n\nallow if ${name}\n`, { lib })
      .catch(() => ({ usesLib: [] }))
    if (!name.includes(' ')) expect(usesLib, name).toEqual(['lib/geo.rego'])
  }
  expect(await failureOf('package grafana\n\nallow if data["\\u006cib"].geo.here\n', { lib })).toEqual(
    failure('FOREIGN_REFERENCE', FILE, 3, 10, expect.stringContaining('write this reference')),
  )
})

it('starts no process for what is in the cache, and does not take a damaged entry for it', async () => {
  const text = 'package grafana\n\nallow := true\n\nheaders["X-Cached"] := "1"\n'
  const first = await bed.compile(text)
  expect(first.fromCache).toBe(false)
  const withoutProcesses = { ...bed.compiler, run: () => Promise.reject(new Error('a process was started')) }
  const request = {
    app: { name: 'grafana', files: [{ path: FILE, text }] },
    lib: [],
    compiler: withoutProcesses,
  }
  expect(await compileApp(request)).toEqual({ ...first, wasm: Buffer.from(first.wasm), fromCache: true })

  const folder = join(bed.cacheFolder, 'apps')
  for (const damage of [cutShort, changeOneByte, empty]) {
    for (const name of await readdir(folder)) await damage(join(folder, name))
    await expect(compileApp(request)).rejects.toThrow('a process was started')
    expect(await bed.compile(text)).toMatchObject({ fromCache: false, emittable: ['x-cached'] })
    expect(await bed.compile(text)).toMatchObject({ fromCache: true, emittable: ['x-cached'] })
  }
})

it('compiles again for another text, name, path, or set of builtins', async () => {
  const text = 'package grafana\n\nallow := true\n\nstatus := 418\n'
  const file = { path: FILE, text }
  const request = { app: { name: 'grafana', files: [file] }, lib: [], compiler: bed.compiler }
  await compileApp(request)
  const others = [
    { ...request, app: { name: 'grafana', files: [{ ...file, text: `${text}\n` }] } },
    { ...request, app: { name: 'grafana', files: [{ ...file, path: 'grafana/other.rego' }] } },
    { ...request, compiler: { ...bed.compiler, fingerprint: 'other' } },
  ]
  for (const other of others) expect(await compileApp(other)).toMatchObject({ fromCache: false })
  expect(await compileApp(request)).toMatchObject({ fromCache: true })
})

it('builds beside the checks, and uses what was built only where all of them pass', async () => {
  const ended: string[] = []
  const run: PreparedCompiler['run'] = async (words, folder, signal) => {
    const ending = words[0] === 'build' ? untilAborted(signal) : bed.compiler.run(words, folder, signal)
    return ending.finally(() => ended.push(words[0] ?? ''))
  }
  const compiler = { ...bed.compiler, run }
  for (const [expression, code] of [
    ['input.nonsense == "beside"', 'POLICY_COMPILE_FAILED'],
    ['data.wiki.beside', 'FOREIGN_REFERENCE'],
  ] as const) {
    const files = [{ path: FILE, text: `package grafana\n\nallow if ${expression}\n` }]
    await expect(compileApp({ app: { name: 'grafana', files }, lib: [], compiler })).rejects.toEqual(
      expect.objectContaining({ code }),
    )
    expect(ended.splice(0).toSorted()).toEqual(['build', 'check', 'parse'])
    expect(await readdir(join(bed.cacheFolder, 'staging'))).toEqual([])
  }
})

it('asks how a text reads once: of an app that is edited, only the edited file', async () => {
  const words: string[] = []
  const run: PreparedCompiler['run'] = (given, folder, signal) => {
    words.push(given.at(given[0] === 'parse' ? -1 : 0) ?? '')
    return bed.compiler.run(given, folder, signal)
  }
  const compiler = { ...bed.compiler, run }
  const lib = [{ path: 'lib/known.rego', text: 'package lib.known\n\nnumber := 5\n' }]
  const more = { path: 'grafana/more.rego', text: 'package grafana\n\nstatus := 410\n' }
  const compileWith = (message: string) => {
    const text = `package grafana\n\nmessage := "${message}" if data.lib.known.number == 5\n`
    return compileApp({ app: { name: 'grafana', files: [{ path: FILE, text }, more] }, lib, compiler })
  }
  await compileWith('one')
  expect(words.splice(0).toSorted()).toEqual(['build', 'check', more.path, FILE, 'lib/known.rego'])
  await compileWith('two')
  expect(words.splice(0).toSorted()).toEqual(['build', 'check', FILE])
})

it('has two processes of one app at a time', async () => {
  let running = 0
  const seen: number[] = []
  const run: PreparedCompiler['run'] = (words, folder, signal) => {
    seen.push(++running)
    return bed.compiler.run(words, folder, signal).finally(() => {
      running -= 1
    })
  }
  const files = ['a', 'b', 'c', 'd'].map((name) => ({
    path: `grafana/${name}.rego`,
    text: `package grafana\n\n${name} := "at a time"\n`,
  }))
  await compileApp({ app: { name: 'grafana', files }, lib: [], compiler: { ...bed.compiler, run } })
  expect(Math.max(...seen)).toBe(2)
})

it('compiles many apps at once, and leaves nothing behind', async () => {
  const names = Array.from({ length: 12 }, (_, index) => `app_${index}`)
  const apps = await Promise.all(
    names.map((name) =>
      compileApp({
        app: { name, files: [{ path: `${name}.rego`, text: `package ${name}\n\nmessage := "${name}"\n` }] },
        lib: [],
        compiler: bed.compiler,
      }),
    ),
  )
  for (const [index, { wasm }] of apps.entries()) {
    const { evaluate } = (await loadModule(wasm)).createEvaluator({ data: {} })
    expect(evaluate({})).toEqual({ message: `app_${index}` })
  }
  expect(await readdir(join(bed.cacheFolder, 'staging'))).toEqual([])
})

it('takes paths of every kind, and shows them as they are', async () => {
  for (const path of [
    '../../etc/x.rego',
    '/abs/x.rego',
    'grafana/a b\n.rego',
    'grafana/é"$(id).rego',
    '.hidden.rego',
    '-rf.rego',
    'regate/verdict.rego',
    'x:y.rego',
  ]) {
    const app = { name: 'grafana', files: [{ path, text: 'package grafana\n\nallow := input.nonsense\n' }] }
    await expect(compileApp({ app, lib: [], compiler: bed.compiler })).rejects.toEqual(
      failure('POLICY_COMPILE_FAILED', path, 3, 10),
    )
  }
})

it('gives up on a policy that would keep the compiler busy, with the mend', async () => {
  const table = Array.from({ length: 20_000 }, (_, index) => `"user-${index}"`).join(', ')
  const files = [{ path: FILE, text: `package grafana\n\nallow if input.identity.subject in {${table}}\n` }]
  const settings = { compiler: await findTestCompiler(), cacheFolder: bed.cacheFolder }
  for (const [timeoutMs, megabytes, code] of [
    [500, 1024, /^COMPILER_TIMEOUT$/],
    // A compiler without memory crashes, or now and then hangs on the way.
    [10_000, 32, /^COMPILER_(?:FAILED|TIMEOUT)$/],
  ] as const) {
    const compiler = await prepareCompiler({ ...settings, timeoutMs, memoryBytes: megabytes * 1024 ** 2 })
    await expect(compileApp({ app: { name: 'grafana', files }, lib: [], compiler })).rejects.toEqual(
      expect.objectContaining({
        code: expect.stringMatching(code),
        message: expect.stringContaining('data.yaml'),
      }),
    )
  }
})

it('stops when it is told to', async () => {
  const app = {
    name: 'grafana',
    files: [{ path: FILE, text: 'package grafana\n\nallow := false\n\nstatus := 499\n' }],
  }
  const stop = new AbortController()
  const compiling = compileApp({ app, lib: [], compiler: bed.compiler, signal: stop.signal })
  stop.abort()
  await expect(compiling).rejects.toEqual(expect.objectContaining({ code: 'COMPILER_FAILED' }))
})

it('says that an app has no policy, and that the cache folder cannot be made', async () => {
  const request = { app: { name: 'grafana', files: [] }, lib: [], compiler: bed.compiler }
  await expect(compileApp(request)).rejects.toEqual(expect.objectContaining({ code: 'POLICY_EMPTY' }))
  const blocked = join(bed.cacheFolder, 'blocked')
  await mkdir(blocked)
  await writeFile(join(blocked, 'staging'), '')
  const app = { name: 'grafana', files: [{ path: FILE, text: 'package grafana\n' }] }
  const compiler = { ...bed.compiler, cacheFolder: blocked }
  await expect(compileApp({ app, lib: [], compiler })).rejects.toEqual(
    expect.objectContaining({ code: 'COMPILER_FAILED', message: expect.stringContaining('cache folder') }),
  )
})

function untilAborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new Error('stopped'))))
}

async function cutShort(path: string): Promise<void> {
  const bytes = await readFile(path)
  await writeFile(path, bytes.subarray(0, bytes.length / 2))
}

async function changeOneByte(path: string): Promise<void> {
  const bytes = await readFile(path)
  bytes[bytes.length - 10] = (bytes[bytes.length - 10] ?? 0) + 1
  await writeFile(path, bytes)
}

async function empty(path: string): Promise<void> {
  await writeFile(path, '')
}
