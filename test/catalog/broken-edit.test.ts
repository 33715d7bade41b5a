import { join } from 'node:path'
import { writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { openCatalogBeds, policy, until } from './catalog-bed.ts'

const openBed = await openCatalogBeds()
const HOST = 'a.example.com'
const OTHER = 'b.example.com'
const v = (version: string, app = 'alpha', host = HOST) => policy(app, [host], version)
const anyone = policy('wide', ['*'], 'wide')
const annotated = (yaml: string, rest = 'allow := true\n') =>
  `# METADATA\n${yaml.replaceAll(/^/gm, '# ')}\npackage alpha\n\n${rest}`

describe('a broken edit of an app in service', () => {
  it.each([
    ['a syntax error', annotated(`custom: { hosts: [${HOST}] }`, 'allow if {'), 'POLICY_COMPILE_FAILED'],
    [
      'an unknown input',
      annotated(`custom: { hosts: [${HOST}] }`, 'allow if input.identity.role == "a"\n'),
      'POLICY_COMPILE_FAILED',
    ],
    ['another package', v('two', 'other'), 'PACKAGE_MISMATCH'],
    ['another app’s data', annotated('title: x', 'allow if data.wide.allow\n'), 'FOREIGN_REFERENCE'],
    ['a METADATA that is no YAML', annotated('custom: { hosts: [', 'allow := true\n'), 'METADATA_INVALID'],
    ['a typing error in hosts', annotated(`custom: { host: [${HOST}] }`), 'METADATA_INVALID'],
    ['no byte', '', 'POLICY_EMPTY'],
    ['no package', '# METADATA\n# custom:\n#   hosts: [x.example.com]\n', 'POLICY_EMPTY'],
    ['bytes that are no text', '\u0000\u0001', 'POLICY_EMPTY'],
  ])('keeps its last good version, and nobody else notices: %s', async (_, text, code) => {
    const bed = await openBed({ 'alpha/policy.rego': v('one'), 'wide.rego': anyone })
    const before = bed.catalog.current()
    await bed.write('alpha/policy.rego', text)
    await bed.untilRejected('alpha', code)
    expect([bed.ask(HOST), bed.ask(OTHER)]).toEqual(['one', 'wide'])
    expect(bed.catalog.current().byName('alpha')).toBe(before.byName('alpha'))
    expect(bed.catalog.current().byName('wide')).toBe(before.byName('wide'))
    const status = bed.status('alpha')
    expect(status).toMatchObject({
      state: 'serving-last-good',
      lastError: { code, file: 'alpha/policy.rego' },
    })
    expect(status?.lastError?.row).toBeGreaterThan(0)
    expect(status?.lastError?.column).toBeGreaterThan(0)
    expect(status?.hashOnDisk).not.toBe(status?.hashInService)
    expect(bed.events).toContainEqual(
      expect.objectContaining({ kind: 'rejected', app: 'alpha', state: 'serving-last-good' }),
    )
  })

  it('that would also move it to another host leaves both hosts as they were', async () => {
    const bed = await openBed({ 'alpha/policy.rego': v('one'), 'wide.rego': anyone })
    await bed.write('alpha/policy.rego', `${v('two', 'alpha', OTHER)}\nallow if {`)
    await bed.untilRejected('alpha', 'POLICY_COMPILE_FAILED')
    expect([bed.ask(HOST), bed.ask(OTHER)]).toEqual(['one', 'wide'])
  })

  it('is reported once, however often the folder is looked at', async () => {
    const bed = await openBed({ 'alpha/policy.rego': v('one') }, { rescanMs: 20 })
    await bed.write('alpha/policy.rego', 'package alpha\n\nallow if {')
    await bed.untilRejected('alpha', 'POLICY_COMPILE_FAILED')
    await bed.write('beta.rego', v('beta', 'beta', OTHER))
    await bed.untilAsked(OTHER, 'beta')
    expect(bed.events.filter(({ kind }) => kind === 'rejected')).toHaveLength(1)
  })

  it('holds no other edit back', async () => {
    const bed = await openBed({ 'alpha/policy.rego': v('one'), 'beta.rego': v('beta 1', 'beta', OTHER) })
    await bed.write('alpha/policy.rego', 'package alpha\n\nallow if {')
    await bed.write('beta.rego', v('beta 2', 'beta', OTHER))
    await bed.untilAsked(OTHER, 'beta 2')
    expect(bed.ask(HOST)).toBe('one')
  })
})

describe('an app that never had a good version', () => {
  it.each([
    ['a syntax error', annotated(`custom: { hosts: [${HOST}] }`, 'allow if {'), 'POLICY_COMPILE_FAILED'],
    ['another package', v('one', 'other'), 'PACKAGE_MISMATCH'],
    ['one host that is none', annotated(`custom: { hosts: [${HOST}, "x:1"] }`), 'METADATA_INVALID'],
  ])('keeps its hosts closed and opens them to no less specific app: %s', async (_, text, code) => {
    const isWhole = code !== 'METADATA_INVALID'
    const bed = await openBed({ 'alpha/policy.rego': text, 'wide.rego': anyone })
    expect(bed.status('alpha')).toMatchObject({ state: 'unavailable', lastError: { code } })
    expect([bed.ask(HOST), bed.ask(HOST, '/x'), bed.ask(OTHER)]).toEqual([
      'closed',
      'closed',
      isWhole ? 'wide' : 'closed',
    ])
    expect(bed.catalog.current().byName('alpha')).toBeDefined()
    await bed.write('alpha/policy.rego', v('mended'))
    await bed.untilAsked(HOST, 'mended')
    expect(bed.status('alpha')).toMatchObject({ state: 'serving' })
  })

  it('keeps them closed too when its annotation breaks afterwards', async () => {
    const text = annotated(`custom: { hosts: [${HOST}] }`, 'allow if {')
    const bed = await openBed({ 'alpha/policy.rego': text, 'wide.rego': anyone })
    for (const [broken, code] of [
      [annotated('custom: [', 'allow := true'), 'METADATA_INVALID'],
      ['', 'POLICY_EMPTY'],
    ] as const) {
      await bed.write('alpha/policy.rego', broken)
      await bed.untilRejected('alpha', code)
      expect(bed.ask(HOST)).toBe('closed')
    }
    await bed.write('alpha/policy.rego', annotated(`custom: { hosts: [${OTHER}] }`, 'allow if {'))
    await bed.untilAsked(OTHER, 'closed')
    expect(bed.ask(HOST)).toBe('wide')
  })

  it('is reported where nothing says what it guards', async () => {
    const bed = await openBed({ 'alpha/policy.rego': annotated('custom: ['), 'wide.rego': anyone })
    expect(bed.ask(HOST)).toBe('closed')
    expect(bed.status('alpha')).toMatchObject({ state: 'unavailable', lastError: { row: 2 } })
    expect(bed.events).toContainEqual(
      expect.objectContaining({ kind: 'rejected', app: 'alpha', state: 'unavailable' }),
    )
  })

  it.each(['Alpha', 'my-app', '1app', 'ünder', 'regate', 'system', `a${'b'.repeat(63)}`, '__proto__'])(
    'has a name that no app may have: %s',
    async (name) => {
      const bed = await openBed({ [`${name}/policy.rego`]: v('one', name), 'wide.rego': anyone })
      expect(bed.status(name)).toMatchObject({
        state: 'unavailable',
        lastError: { code: 'APP_NAME_INVALID', file: `${name}/policy.rego` },
      })
      expect([bed.ask(HOST), bed.ask(OTHER)]).toEqual(['closed', 'wide'])
    },
  )

  it('fails on every input: it does not go into service', async () => {
    const text = `${v('one')}\nheaders["a"] := 1\n\nheaders["a"] := 2\n`
    const bed = await openBed({ 'alpha/policy.rego': v('one') })
    await bed.write('alpha/policy.rego', text)
    await bed.untilRejected('alpha', 'MODULE_INVALID')
    expect(bed.ask(HOST)).toBe('one')
  })

  it('fails on some inputs: it goes into service, and the log says so', async () => {
    const text = `${v('one')}\nheaders["a"] := 1 if input.identity\n\nheaders["a"] := 2 if input.identity\n`
    const bed = await openBed({ 'alpha/policy.rego': text })
    expect(bed.ask(HOST)).toBe('one')
    expect(bed.events).toContainEqual(expect.objectContaining({ kind: 'sample-failed', app: 'alpha' }))
  })
})

describe('lib', () => {
  const lib = (text: string) => `package lib.greeting\n\ntext := "${text}"\n`
  const user = annotated(
    `custom: { hosts: [${HOST}] }`,
    'allow := true\n\nmessage := data.lib.greeting.text\n',
  )
  const files = {
    'lib/deep/greeting.rego': lib('one'),
    'lib/greeting_test.rego': 'package lib.greeting_test\n{{{',
    'alpha/policy.rego': user,
    'beta.rego': v('beta', 'beta', OTHER),
  }

  it('is compiled into the apps that use it, and its edits reach them', async () => {
    const bed = await openBed(files)
    const beta = bed.catalog.current().byName('beta')
    expect(bed.ask(HOST)).toBe('one')
    await bed.write('lib/deep/greeting.rego', lib('two'))
    await bed.untilAsked(HOST, 'two')
    expect(bed.catalog.current().byName('beta')).toBe(beta)
  })

  it.each([
    ['a syntax error', 'package lib.greeting\n\ntext := {', 'POLICY_COMPILE_FAILED'],
    ['no byte', '', 'POLICY_EMPTY'],
    ['another package', 'package beta\n\ntext := "x"\n', 'PACKAGE_MISMATCH'],
  ])(
    'that is broken keeps its users at their last good version and touches no other: %s',
    async (_, text, code) => {
      const bed = await openBed(files)
      await bed.write('lib/deep/greeting.rego', text)
      await bed.untilRejected('alpha', code)
      expect(bed.status('alpha')).toMatchObject({ lastError: { file: 'lib/deep/greeting.rego' } })
      await bed.write('beta.rego', v('beta 2', 'beta', OTHER))
      await bed.untilAsked(OTHER, 'beta 2')
      expect(bed.ask(HOST)).toBe('one')
      await bed.write('lib/deep/greeting.rego', lib('three'))
      await bed.untilAsked(HOST, 'three')
    },
  )

  it('that vanishes for a moment is kept', async () => {
    const bed = await openBed(files)
    await bed.move('lib', '.lib')
    await until(() => bed.events.some((event) => event.kind === 'missing' && event.app === 'lib'))
    expect(bed.ask(HOST)).toBe('one')
    await bed.move('.lib', 'lib')
    await bed.write('lib/deep/greeting.rego', lib('two'))
    await bed.untilAsked(HOST, 'two')
    expect(bed.events.filter(({ kind }) => kind === 'rejected')).toEqual([])
  })

  it('that holds tables is refused, so that no rule reads what is not there', async () => {
    const bed = await openBed(files)
    await bed.write('lib/data.json', '{}')
    await bed.untilRejected('alpha', 'DATA_INVALID')
    expect([bed.ask(HOST), bed.status('beta')?.state]).toEqual(['one', 'serving'])
  })
})

describe('the start', () => {
  it('fails where the folder cannot be read', async () => {
    const bed = await openBed({}, { start: false, folder: join('nowhere', 'policies') })
    await expect(bed.catalog.start()).rejects.toMatchObject({ code: 'POLICIES_UNREADABLE' })
    expect(bed.catalog.current().find(HOST, [])).toBeUndefined()
    expect(bed.catalog.status()).toMatchObject({ generation: 0, apps: [] })
  })

  it('fails where the folder is a file', async () => {
    const bed = await openBed({ 'file.txt': '' }, { start: false })
    await writeFile(join(bed.folder, 'x'), '')
    const other = await openBed({}, { start: false, folder: join(bed.folder, 'x') })
    await expect(other.catalog.start()).rejects.toMatchObject({ code: 'POLICIES_UNREADABLE' })
  })

  it('is done on an empty folder, and the first app is followed', async () => {
    const bed = await openBed({})
    expect(bed.catalog.status()).toMatchObject({ generation: 1, apps: [] })
    await bed.write('alpha/policy.rego', v('one'))
    await bed.untilAsked(HOST, 'one')
  })
})
