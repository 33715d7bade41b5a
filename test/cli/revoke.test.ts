import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readRevocations } from '../../src/auth/parse-revocations.ts'
import { createRevokeCommand } from '../../src/cli/revoke.ts'
import { runCommand } from './run-command.ts'

async function open(text?: string) {
  const folder = await mkdtemp(join(tmpdir(), 'regate-revoke-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'revocations.yaml')
  if (text !== undefined) await writeFile(file, text)
  const run = (...words: string[]) => runCommand(createRevokeCommand, words, { folder })
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
    const { run, read } = await open(
      '# ours\n- { jti: old, until: 2020-01-01 } # gone\n# Ann lost it\n- jti: kept # for good\n  until: 2099-01-01\n',
    )
    await run('--jti', 'new')
    expect(await read()).toBe(
      '# ours\n# Ann lost it\n- jti: kept # for good\n  until: 2099-01-01\n- { jti: new }\n',
    )
  })

  it('loses no entry of many that are added at the same time', async () => {
    const { run, entries, folder } = await open()
    await Promise.all(Array.from({ length: 10 }, (_, index) => run('--jti', `id-${index}`)))
    expect(await entries()).toHaveLength(10)
    expect(await readdir(folder)).toEqual(['revocations.yaml'])
  })

  it('prints for programs', async () => {
    const { run } = await open()
    expect(JSON.parse((await run('--jti', 'a', '--json')).stdout)).toEqual({
      file: 'revocations.yaml',
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
  ])('is used wrongly with %s: exit code 2, and the list stays as it was', async (_, words) => {
    const { run, read } = await open('# ours\n')
    expect(await run(...words)).toMatchObject({ code: 2, stdout: '' })
    expect(await read()).toBe('# ours\n')
  })

  it('adds to no list that is broken', async () => {
    const { run, read } = await open('- { jti: a\n')
    expect(await run('--jti', 'b')).toMatchObject({ code: 2, stdout: '' })
    expect(await read()).toBe('- { jti: a\n')
  })
})
