import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { decodeJwt } from 'jose'
import { describe, expect, it } from 'vitest'
import type { CommandIo } from '../../src/cli/command-io.ts'
import { runProgram } from '../../src/cli/run-program.ts'
import { createTokenCommand } from '../../src/cli/token.ts'
import { codeOf, issuerOptions, makeFolder, openAuthenticator } from '../auth/open-authenticator.ts'

/** Through the whole program, as it is typed. */
async function run(...words: string[]) {
  let [stdout, stderr] = ['', '']
  const io: CommandIo = {
    stdout: (text) => {
      stdout += text
    },
    stderr: (text) => {
      stderr += text
    },
    logTarget: 2,
    environment: {},
    folder: '/nowhere',
    onSignal: () => {},
    onCrash: () => {},
    exit: () => {},
  }
  const exitCode = await runProgram(['token', ...words], io, [createTokenCommand(io)])
  return { stdout, stderr, exitCode }
}

const ISSUER = 'https://dev.example.com'
const WHO = ['--issuer', ISSUER, '--subject', 'ann', '--audience', 'wiki,grafana']

async function makeKeys(): Promise<string> {
  const folder = join(await makeFolder(), 'keys')
  expect(await run('keys', '--out', folder)).toMatchObject({ exitCode: 0, stderr: '' })
  return folder
}

/** The authenticator with the real clock, as a newcomer would configure it. */
async function judge(folder: string, token: string) {
  const keys = { kind: 'file', path: join(folder, 'jwks.json') } as const
  const { askBearer, clock } = await openAuthenticator({ jwt: [issuerOptions({ issuer: ISSUER, keys })] })
  clock.nowMs = Date.now()
  return askBearer(token)
}

describe('regate token keys', () => {
  it('makes private keys for the owner alone and public ones without anything private', async () => {
    const folder = await makeKeys()
    expect((await stat(join(folder, 'private-jwks.json'))).mode % 0o1000).toBe(0o600)
    const { keys } = JSON.parse(await readFile(join(folder, 'jwks.json'), 'utf8'))
    expect(keys).toMatchObject([
      { kty: 'EC', alg: 'ES256', use: 'sig' },
      { kty: 'RSA', alg: 'RS256', use: 'sig' },
    ])
    for (const key of keys) expect(Object.keys(key)).not.toContain('d')
  })

  it.each(['jwks.json', 'private-jwks.json'])('overwrites nothing: %s', async (name) => {
    const folder = await makeFolder()
    await writeFile(join(folder, name), 'mine')
    const { exitCode, stderr } = await run('keys', '--out', folder)
    expect(exitCode).toBe(2)
    expect(stderr).toContain(join(folder, name))
    expect(await readdir(folder)).toEqual([name])
    expect(await readFile(join(folder, name), 'utf8')).toBe('mine')
  })

  it('prints for programs', async () => {
    const folder = join(await makeFolder(), 'keys')
    expect(JSON.parse((await run('keys', '--out', folder, '--json')).stdout)).toMatchObject({
      privateFile: join(folder, 'private-jwks.json'),
      publicFile: join(folder, 'jwks.json'),
      keyIds: [expect.any(String), expect.any(String)],
    })
  })
})

describe('regate token mint', () => {
  it.each([[], ['--alg', 'RS256']])('makes a token that the authenticator accepts %j', async (...words) => {
    const folder = await makeKeys()
    const list = [
      '--roles',
      'admin,ops',
      '--groups',
      'staff',
      '--claim',
      'scope="read write"',
      '--claim',
      'level=3',
    ]
    const { stdout, exitCode } = await run('mint', '--keys', folder, ...WHO, ...list, ...words)
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/)
    expect(await judge(folder, stdout.trim())).toMatchObject({
      kind: 'identified',
      identity: {
        subject: 'ann',
        issuer: ISSUER,
        audience: ['wiki', 'grafana'],
        roles: ['admin', 'ops'],
        groups: ['staff'],
        scopes: ['read', 'write'],
        claims: { level: 3 },
      },
    })
  })

  it('makes tokens of the life that is asked for, an expired one too', async () => {
    const folder = await makeKeys()
    const mint = async (...words: string[]) =>
      (await run('mint', '--keys', folder, ...WHO, ...words)).stdout.trim()
    const lifeOf = ({ exp = 0, iat = 0 }) => exp - iat
    expect(lifeOf(decodeJwt(await mint()))).toBe(3_600)
    expect(lifeOf(decodeJwt(await mint('--expires-in', '15m')))).toBe(900)
    expect(codeOf(await judge(folder, await mint('--expires-in=-1h')))).toBe('TOKEN_EXPIRED')
  })

  it('prints for programs', async () => {
    const folder = await makeKeys()
    const { stdout } = await run('mint', '--keys', folder, ...WHO, '--json')
    expect(JSON.parse(stdout)).toEqual({ token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/) })
  })

  it('makes tokens that other keys do not verify', async () => {
    const [one, other] = [await makeKeys(), await makeKeys()]
    const { stdout } = await run('mint', '--keys', one, ...WHO)
    expect(codeOf(await judge(other, stdout.trim()))).toBe('TOKEN_KEY_UNKNOWN')
  })

  it.each([
    ['no subject', WHO.slice(0, 2)],
    ['a claim without a value', [...WHO, '--claim', 'admin']],
    ['a claim that is not JSON', [...WHO, '--claim', 'tenant=blue']],
    ['a life without a unit', [...WHO, '--expires-in', '3600']],
    ['an unknown algorithm', [...WHO, '--alg', 'HS256']],
    ['an unknown option', [...WHO, '--role', 'admin']],
  ])('is used wrongly with %s: exit code 2 and a message', async (_, words) => {
    const { exitCode, stderr, stdout } = await run('mint', '--keys', 'keys', ...words)
    expect(exitCode).toBe(2)
    expect(stderr).toContain('error: ')
    expect(stdout).toBe('')
  })

  it('says how to make keys where there are none', async () => {
    const { exitCode, stderr } = await run('mint', '--keys', await makeFolder(), ...WHO)
    expect(exitCode).toBe(2)
    expect(stderr).toContain('regate token keys')
  })
})

it('regate token prints its help when it is asked for', async () => {
  const { exitCode, stdout } = await run('--help')
  expect(exitCode).toBe(0)
  expect(stdout).toContain('mint')
})
