import { chmod, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { appendApiKey } from '../../src/auth/append-api-key.ts'
import { editFile } from '../../src/auth/edit-file.ts'
import { parseKeyTable } from '../../src/auth/parse-key-table.ts'
import { makeFolder, NOW_MS } from './open-authenticator.ts'

const HOLDER = { owner: 'bot', roles: [], groups: [], scopes: [], apps: [] }

async function makeFile(text?: string, name = 'keys.yaml') {
  const folder = await makeFolder()
  const file = join(folder, name)
  if (text !== undefined) await writeFile(file, text)
  return { folder, file, read: () => readFile(file, 'utf8') }
}

describe('a new API key', () => {
  it('is known by a file that is made for it, readable by its owner alone, and is not in it', async () => {
    const { file, read } = await makeFile()
    const { id, key } = await appendApiKey(
      file,
      { ...HOLDER, apps: ['wiki'], expiresAtMs: NOW_MS + 1 },
      NOW_MS,
    )
    const text = await read()
    expect(parseKeyTable(file, text).get(id)).toMatchObject({ untilMs: NOW_MS + 1, apps: new Set(['wiki']) })
    expect(text).not.toContain(key.slice(13))
    expect((await stat(file)).mode % 0o1000).toBe(0o600)
  })

  it('leaves comments, order and every other row as they are', async () => {
    const before = `# ours\n\n# the robot\nrgk_aaaaaaaa: { sha256: ${'a'.repeat(64)}, owner: 'robot' } # Ann knows\n`
    const { file, read } = await makeFile(before)
    await appendApiKey(file, HOLDER, NOW_MS)
    const after = await read()
    expect(after.slice(0, before.length)).toBe(before)
    expect(after.slice(before.length)).toMatch(/^rgk_[a-z0-9]{8}: \{ .* \}\n$/)
  })

  it.each(['', '# nothing yet\n', '{}\n', '# x\n{} # y\n'])('goes into the empty file %j', async (text) => {
    const { file, read } = await makeFile(text)
    await appendApiKey(file, HOLDER, NOW_MS)
    await appendApiKey(file, HOLDER, NOW_MS)
    expect(parseKeyTable(file, await read()).size).toBe(2)
  })

  it('is written so that no text in it becomes YAML', async () => {
    const { file, read } = await makeFile()
    const owner = 'a: }#, "b" \'c\' *d &e !f %g @h | > 1'
    const { id } = await appendApiKey(file, { ...HOLDER, owner, roles: ['true', '1', '~', '[x]'] }, NOW_MS)
    expect(parseKeyTable(file, await read()).get(id)?.verified.answer.identity).toMatchObject({
      subject: owner,
      roles: ['true', '1', '~', '[x]'],
    })
  })

  it.each([
    ['a broken file', 'broken: 1\n', HOLDER],
    ['an owner with control characters', '# x\n', { ...HOLDER, owner: 'a\nb' }],
    ['no owner', '# x\n', { ...HOLDER, owner: '' }],
    ['an app that cannot be', '# x\n', { ...HOLDER, apps: ['../wiki'] }],
    ['a role without text', '# x\n', { ...HOLDER, roles: [''] }],
  ])('is not made for %s, and the file stays as it was', async (_, text, holder) => {
    const { folder, file, read } = await makeFile(text)
    await expect(appendApiKey(file, holder, NOW_MS)).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    expect(await read()).toBe(text)
    expect(await readdir(folder)).toEqual(['keys.yaml'])
  })

  it('is lost to none of many who make one at the same time', async () => {
    const { folder, file, read } = await makeFile()
    const made = await Promise.all(Array.from({ length: 12 }, () => appendApiKey(file, HOLDER, NOW_MS)))
    const table = parseKeyTable(file, await read())
    expect([...table.keys()].toSorted()).toEqual(made.map(({ id }) => id).toSorted())
    expect(await readdir(folder)).toEqual(['keys.yaml'])
  })
})

describe('the edit of a file', () => {
  it('keeps its mode, and a link to it', async () => {
    const { folder, file, read } = await makeFile('one')
    await chmod(file, 0o640)
    const link = join(folder, 'link')
    await symlink(file, link)
    await editFile(link, (text) => `${text} two`)
    expect(await read()).toBe('one two')
    expect((await stat(file)).mode % 0o1000).toBe(0o640)
  })

  it('gives up where a lock was left behind, and names it', async () => {
    const { file, read } = await makeFile('one')
    await writeFile(`${file}.lock`, '')
    await expect(editFile(file, () => 'two', 0)).rejects.toMatchObject({
      code: 'FILES_UNWRITABLE',
      message: expect.stringContaining(`${file}.lock`),
    })
    expect(await read()).toBe('one')
  })

  it('says of a folder that is not there, or a folder in its place, that it cannot write', async () => {
    const { folder, file } = await makeFile()
    await expect(editFile(join(file, 'x'), () => '')).rejects.toMatchObject({ code: 'FILES_UNWRITABLE' })
    await expect(editFile(folder, () => '')).rejects.toMatchObject({ code: 'FILES_UNWRITABLE' })
  })
})
