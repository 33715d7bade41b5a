import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createKeyCommand } from '../../src/cli/key.ts'
import { codeOf, openAuthenticator, toRequest } from '../auth/open-authenticator.ts'
import { runCommand } from './run-command.ts'

async function open() {
  const folder = await mkdtemp(join(tmpdir(), 'regate-key-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const run = (...words: string[]) => runCommand(createKeyCommand, words, { folder })
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
    expect(stderr).toBe('')
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
