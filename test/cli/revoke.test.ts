import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readRevocations } from '../../src/auth/parse-revocations.ts'
import { createRevokeCommand } from '../../src/cli/revoke.ts'
import { runCommand } from './run-command.ts'

const CONFIG = 'authentication:\n  revocations: { file: revocations.yaml }\n'
const VARIABLE = 'REGATE_AUTHENTICATION_REVOCATIONS_FILE'

interface Bed {
  /** Of the deny-list. */
  readonly text?: string
  /** Of `regate.yaml`; undefined: there is none. */
  readonly config?: string | undefined
  readonly environment?: Readonly<Record<string, string>>
}

async function open({ text, environment = {}, ...bed }: Bed = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'regate-revoke-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'revocations.yaml')
  const config = 'config' in bed ? bed.config : CONFIG
  if (config !== undefined) await writeFile(join(folder, 'regate.yaml'), config)
  if (text !== undefined) await writeFile(file, text)
  const run = (...words: string[]) => runCommand(createRevokeCommand, words, { folder, environment })
  const read = () => readFile(file, 'utf8')
  return { run, folder, read, entries: async () => readRevocations(file, await read()) }
}

describe('regate revoke', () => {
  it('makes a list that the server reads', async () => {
    const { run, entries } = await open()
    expect(await run('--jti', '12345', '--until', '2099-01-01')).toMatchObject({ code: 0 })
    await run('--sid', 'a: b }', '--issuer', 'https://id.example.com')
    await run('--kid', 'true')
    await run('--subject', '~', '--issued-before', '2027-01-31T12:00:00Z')
    expect(await entries()).toEqual([
      { kind: 'jti', value: '12345', untilMs: Date.parse('2099-01-01') },
      { kind: 'sid', value: 'a: b }', issuer: 'https://id.example.com' },
      { kind: 'kid', value: 'true' },
      { kind: 'subject', value: '~', issuedBeforeMs: Date.parse('2027-01-31T12:00:00Z') },
    ])
  })

  it('revokes of a subject what was issued until now', async () => {
    const { run, entries } = await open()
    const before = Date.now()
    await run('--subject', 'ann')
    await run('--subject', 'bob', '--issued-before', 'now')
    const times = (await entries()).map(({ issuedBeforeMs = 0 }) => issuedBeforeMs)
    expect(times.filter((time) => time >= before && time <= Date.now())).toHaveLength(2)
  })

  it('keeps comments and entries, and drops those past their until', async () => {
    const { run, read } = await open({
      text: '# ours\n- { jti: old, until: 2020-01-01 } # gone\n# Ann lost it\n- jti: kept # for good\n  until: 2099-01-01\n',
    })
    await run('--jti', 'new')
    expect(await read()).toBe(
      '# ours\n# Ann lost it\n- jti: kept # for good\n  until: 2099-01-01\n- { jti: new }\n',
    )
  })

  it('loses no entry of many that are added at the same time', async () => {
    const { run, entries, folder } = await open()
    await Promise.all(Array.from({ length: 10 }, (_, index) => run('--jti', `id-${index}`)))
    expect(await entries()).toHaveLength(10)
    expect(await readdir(folder)).toEqual(['regate.yaml', 'revocations.yaml'])
  })

  it('prints for programs', async () => {
    const { run, folder } = await open()
    expect(JSON.parse((await run('--jti', 'a', '--json')).stdout)).toEqual({
      file: join(folder, 'revocations.yaml'),
      jti: 'a',
    })
  })

  it.each([
    ['nothing to revoke', []],
    ['two things', ['--jti', 'a', '--sid', 'b']],
    ['a time for a token', ['--jti', 'a', '--issued-before', 'now']],
    ['a time that is none', ['--subject', 'a', '--issued-before', 'yesterday']],
    ['an empty value', ['--jti', '']],
    ['a control character', ['--jti', 'a\nb']],
    ['a serial number and a token', ['--serial', '0A', '--jti', 'a']],
    ['a serial number that is not hexadecimal', ['--serial', '0A1G']],
    ['a serial number of nothing', ['--serial', '00:00']],
    ['an empty serial number', ['--serial', '']],
  ])('is used wrongly with %s: exit code 2, and the list stays as it was', async (_, words) => {
    const { run, read } = await open({ text: '# ours\n' })
    expect(await run(...words)).toMatchObject({ code: 2, stdout: '' })
    expect(await read()).toBe('# ours\n')
  })

  it('adds to no list that is broken', async () => {
    const { run, read } = await open({ text: '- { jti: a\n' })
    expect(await run('--jti', 'b')).toMatchObject({ code: 2, stdout: '' })
    expect(await read()).toBe('- { jti: a\n')
  })
})

const KEY = `rgk_ab12cd34_${'Secret0'.repeat(6)}x`

describe('regate revoke, given a whole API key', () => {
  it.each([
    ['--kid', KEY],
    ['--kid', `${KEY}\n`],
    ['--kid', 'rgk_ab12cd34_Secret0'],
    ['--kid', `Bearer ${KEY}`],
    ['--jti', KEY],
    ['--subject', KEY],
    ['--sid', KEY],
    ['--serial', KEY],
  ])('writes and echoes nothing of its secret: %s %j', async (option, value) => {
    const { run, folder } = await open()
    const { code, stdout, stderr } = await run(option, value)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain('this is a whole API key: name its first 12 characters, rgk_ab12cd34')
    expect(stderr).not.toContain('Secret0')
    expect(await readdir(folder)).toEqual(['regate.yaml'])
  })

  it('takes its first 12 characters, and names that are no key', async () => {
    const { run, entries } = await open()
    await run('--kid', 'rgk_ab12cd34')
    await run('--kid', 'my_rgk_ab12cd34_2027')
    expect((await entries()).map(({ value }) => value)).toEqual(['rgk_ab12cd34', 'my_rgk_ab12cd34_2027'])
  })
})

describe('the serial number of a certificate', () => {
  it.each([
    ['0a1b2c3d', '0A1B2C3D'],
    ['0A:1b:2C:3d', '0A1B2C3D'],
    ['00:ff:01', 'FF01'],
    ['0000a1', 'A1'],
    ['a1b', '0A1B'],
    ['0x1000', '1000'],
    ['12', '12'],
  ])('is written as the one that is compared: %s', async (serial, jti) => {
    const { run, entries } = await open()
    expect(await run('--serial', serial, '--until', '2099-01-01')).toMatchObject({ code: 0 })
    expect(await entries()).toEqual([{ kind: 'jti', value: jti, untilMs: Date.parse('2099-01-01') }])
  })

  it('changes no jti of a token', async () => {
    const { run, entries } = await open()
    await run('--jti', '00:aa')
    expect(await entries()).toEqual([{ kind: 'jti', value: '00:aa' }])
  })
})

describe('the file that regate revoke adds to', () => {
  it('is that of the configuration, from its folder', async () => {
    const { run, folder } = await open({ config: undefined })
    await mkdir(join(folder, 'etc'))
    await writeFile(join(folder, 'etc/own.yaml'), 'authentication: { revocations: { file: deny.yaml } }')
    const denied = join(folder, 'etc/deny.yaml')
    expect(await run('--config', 'etc/own.yaml', '--jti', 'a')).toEqual({
      code: 0,
      stdout: `${denied} now names the jti "a".\n`,
      stderr: '',
    })
    expect(await readFile(denied, 'utf8')).toContain('jti: a')
    expect(await readdir(folder)).toEqual(['etc'])
  })

  it('is that of REGATE_CONFIG, and is no other for what else is wrong there', async () => {
    const { run, folder } = await open({ environment: { REGATE_CONFIG: 'own.yaml', REGATE_LISTEN: 'x' } })
    const config = 'lisen: 1\nauthentication: { jwt: 5, revocations: { file: /no/../deny.yaml } }'
    await writeFile(join(folder, 'own.yaml'), config.replace('/no/..', folder))
    expect(await run('--sid', 'a')).toMatchObject({ code: 0, stderr: '' })
    expect(await readdir(folder)).toContain('deny.yaml')
  })

  it.each([
    ['with a configuration', CONFIG],
    ['without one', undefined],
  ])('is that of the environment, from the working folder, %s', async (_, config) => {
    const { run, folder } = await open({ config, environment: { [VARIABLE]: 'other.yaml' } })
    expect(await run('--jti', 'a')).toMatchObject({ code: 0, stderr: '' })
    expect(await readdir(folder)).toEqual(
      ['other.yaml', ...(config === undefined ? [] : ['regate.yaml'])].sort(),
    )
  })

  it.each([
    ['there is no configuration', undefined, ['--config', 'REGATE_CONFIG', '--file revocations.yaml']],
    ['the configuration is empty', '', ['regate.yaml', 'revocations: { file: revocations.yaml }', '--file']],
    ['it names others', 'authentication: { apiKeys: { file: a } }', ['regate.yaml', '`revocations: {']],
  ])('is none where %s: exit code 2, and what to write', async (_, config, said) => {
    const { run, folder } = await open({ config })
    const before = await readdir(folder)
    const { code, stdout, stderr } = await run('--jti', 'a')
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    for (const words of said) expect(stderr).toContain(words)
    expect(await readdir(folder)).toEqual(before)
  })

  it.each([
    ['authentication: {\n', 'regate.yaml:2:1: '],
    ['authentication:\n  revocations: []\n', 'regate.yaml:2:16: authentication.revocations: is a list'],
    ['authentication:\n  revocations: { file: 5 }\n', 'regate.yaml:2:24: authentication.revocations.file: 5'],
    [
      'authentication:\n  revocations: { fle: a }\n',
      'regate.yaml:2:3: authentication.revocations.file: is missing',
    ],
    ['authentication:\n  revocations:\n', 'authentication.revocations: is empty'],
    ['a: 1\nauthentication: no\n', 'regate.yaml:2:17: authentication: '],
    ['a: 1\na: 2\n', 'regate.yaml:2:1: The key "a" is there twice'],
    ['- a\n', 'regate.yaml:1:1: file: is a list'],
    ['a: *b\n', 'regate.yaml:1:4: '],
  ])('is not guessed from a configuration that is malformed: %j', async (config, message) => {
    const { run, folder } = await open({ config })
    const { code, stdout, stderr } = await run('--jti', 'a')
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(message)
    expect(await readdir(folder)).toEqual(['regate.yaml'])
  })

  it('is not guessed from a configuration that is absent, nor from an empty variable', async () => {
    const { run, folder } = await open()
    expect(await run('--config', 'no.yaml', '--jti', 'a')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no.yaml: cannot be read (ENOENT)'),
    })
    const { run: runEmpty } = await open({ environment: { [VARIABLE]: '' } })
    expect(await runEmpty('--jti', 'a')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`${VARIABLE}: is empty`),
    })
    expect(await readdir(folder)).toEqual(['regate.yaml'])
  })

  it.each([
    ['no configuration', undefined, 'nobody reads own.yaml until authentication.revocations.file names it'],
    [
      'one that names none',
      'listen: 127.0.0.1:1',
      'nobody reads own.yaml until authentication.revocations.file names it',
    ],
    ['one that names another', CONFIG, 'a Regate with this configuration does not read own.yaml'],
    ['one that is broken', 'a: {', 'regate.yaml:1:'],
  ])('is --file all the same, with a hint beside %s', async (_, config, hint) => {
    const { run, folder } = await open({ config })
    const { code, stdout, stderr } = await run('--jti', 'a', '--file', 'own.yaml')
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'own.yaml now names the jti "a".\n' })
    expect(stderr).toContain(hint)
    expect(await readFile(join(folder, 'own.yaml'), 'utf8')).toContain('jti: a')
  })

  it('is --file without a hint where that is the one of the configuration, by whatever name', async () => {
    const { run, folder } = await open({ text: '[]' })
    await symlink('revocations.yaml', join(folder, 'link.yaml'))
    for (const name of ['revocations.yaml', './revocations.yaml', 'link.yaml'])
      expect(await run('--jti', 'a', '--file', name)).toMatchObject({ code: 0, stderr: '' })
  })
})
