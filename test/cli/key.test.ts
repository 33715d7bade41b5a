import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createKeyCommand } from '../../src/cli/key.ts'
import { codeOf, openAuthenticator, toRequest } from '../auth/open-authenticator.ts'
import { runCommand } from './run-command.ts'

const CONFIG = 'authentication:\n  apiKeys: { file: api-keys.yaml, header: X-Api-Key }\n'

async function open(config: string | undefined = CONFIG, environment: Readonly<Record<string, string>> = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'regate-key-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  if (config !== '') await writeFile(join(folder, 'regate.yaml'), config)
  const run = (...words: string[]) => runCommand(createKeyCommand, words, { folder, environment })
  return { run, file: join(folder, 'api-keys.yaml'), folder }
}

describe('regate key new', () => {
  it('shows a key once that the authenticator knows by the file', async () => {
    const { run, file } = await open()
    const lists = ['--roles', 'viewer, editor', '--groups', 'g', '--scopes', 'read', '--apps', 'wiki,docs']
    const { code, stdout, stderr } = await run('new', '--owner', 'backup', '--expires', '90d', ...lists)
    expect(code).toBe(0)
    expect(stdout).toMatch(/^rgk_[a-z0-9]{8}_[A-Za-z0-9]{43}\n$/)
    expect(stderr).not.toContain(stdout.slice(13, -1))
    const { authenticate, clock } = await openAuthenticator({ apiKeys: { file } })
    clock.nowMs = Date.now()
    const credentials = { authorization: `Bearer ${stdout.trim()}`, cookies: {}, headers: {} }
    const ask = (name: string) => authenticate(toRequest(credentials), { name })
    expect(await ask('wiki')).toMatchObject({
      identity: { subject: 'backup', roles: ['viewer', 'editor'], groups: ['g'], scopes: ['read'] },
    })
    expect(codeOf(await ask('grafana'))).toBe('KEY_APP_REFUSED')
    clock.nowMs += 90 * 86_400_000
    expect(codeOf(await ask('wiki'))).toBe('TOKEN_EXPIRED')
  })

  it('prints for programs, into the file that is named', async () => {
    const { run, folder } = await open()
    const { stdout, stderr } = await run('new', '--owner', 'a', '--file', 'other.yaml', '--json')
    const made: unknown = JSON.parse(stdout)
    expect(made).toEqual({ id: expect.any(String), key: expect.any(String), file: 'other.yaml' })
    expect(stderr).toContain('a Regate with this configuration does not read other.yaml')
    expect(await readFile(join(folder, 'other.yaml'), 'utf8')).toContain('owner: a')
  })

  it.each([
    ['no owner', []],
    ['an empty list of apps, which would be all', ['--owner', 'a', '--apps', '']],
    ['a list with a hole', ['--owner', 'a', '--roles', 'x,,y']],
    ['an app that cannot be', ['--owner', 'a', '--apps', 'Wiki']],
    ['a life without a unit', ['--owner', 'a', '--expires', '90']],
    ['a life in the past', ['--owner', 'a', '--expires', '-1d']],
    ['a life of nothing', ['--owner', 'a', '--expires', '0d']],
    ['a misspelt option', ['--owner', 'a', '--role', 'x']],
  ])('is used wrongly with %s: exit code 2, and no key', async (_, words) => {
    const { run, file } = await open()
    const { code, stdout } = await run('new', ...words)
    expect(code).toBe(2)
    expect(stdout).toBe('')
    await expect(readFile(file)).rejects.toThrow('ENOENT')
  })

  it('shows no key where it could not be kept', async () => {
    const { run, file } = await open()
    await writeFile(file, 'broken: 1\n')
    expect(await run('new', '--owner', 'a')).toMatchObject({ code: 2, stdout: '' })
    expect(await run('new', '--owner', 'a', '--file', 'no/such.yaml')).toMatchObject({ code: 1, stdout: '' })
  })
})

describe('the file that regate key new adds to', () => {
  it('is that of the configuration, from its folder, which need not be there yet', async () => {
    const { run, folder } = await open('')
    await mkdir(join(folder, 'etc'))
    await writeFile(join(folder, 'etc/regate.yaml'), 'authentication: { apiKeys: { file: keys.yaml } }')
    const words = ['new', '--owner', 'a', '--config', 'etc/regate.yaml']
    const { code, stdout, stderr } = await run(...words)
    expect(code).toBe(0)
    const file = join(folder, 'etc/keys.yaml')
    expect(stderr).toBe(
      `Only its digest is kept, as ${stdout.slice(0, 12)} in ${file}: nobody can show the key again.\n`,
    )
    expect(await readFile(file, 'utf8')).toContain(stdout.slice(0, 12))
    expect(JSON.parse((await run(...words, '--json')).stdout)).toMatchObject({ file })
    expect(await readdir(folder)).toEqual(['etc'])
  })

  it('is that of the environment, from the working folder', async () => {
    const { run, folder } = await open(CONFIG, { REGATE_AUTHENTICATION_API_KEYS_FILE: 'other.yaml' })
    expect(await run('new', '--owner', 'a')).toMatchObject({ code: 0 })
    expect(await readdir(folder)).toEqual(['other.yaml', 'regate.yaml'])
  })

  it.each([
    ['no configuration', '', '--file api-keys.yaml'],
    ['one that names none', 'listen: 127.0.0.1:1\n', '`apiKeys: { file: api-keys.yaml }`'],
    [
      'one that is malformed',
      'authentication:\n  apiKeys: 5\n',
      'regate.yaml:2:12: authentication.apiKeys: 5',
    ],
  ])('is not guessed from %s: exit code 2, and no key', async (_, config, said) => {
    const { run, folder } = await open(config)
    const before = await readdir(folder)
    const { code, stdout, stderr } = await run('new', '--owner', 'a')
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(said)
    expect(await readdir(folder)).toEqual(before)
  })

  it('is --file all the same, with a hint where nobody reads it', async () => {
    const { run, folder } = await open('')
    const { code, stderr } = await run('new', '--owner', 'a', '--file', 'own.yaml')
    expect(code).toBe(0)
    expect(stderr).toContain('nobody reads own.yaml until authentication.apiKeys.file names it')
    expect(await readdir(folder)).toEqual(['own.yaml'])
  })
})
