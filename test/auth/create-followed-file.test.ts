import { mkdir, rename, rm, symlink, truncate, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { AuthenticationEvent } from '../../src/auth/authentication-options.ts'
import { createFollowedFile } from '../../src/auth/create-followed-file.ts'
import { RegateError } from '../../src/errors.ts'
import { makeSigner } from './make-signer.ts'
import {
  codeOf,
  goodClaims,
  issuerOptions,
  makeFolder,
  openAuthenticator,
  until,
  writeFolder,
} from './open-authenticator.ts'

async function follow(content = 'one') {
  const folder = await makeFolder()
  const file = join(folder, 'table')
  await writeFile(file, content)
  const events: AuthenticationEvent[] = []
  const parsed: string[] = []
  const followed = await createFollowedFile({
    file,
    parse(text) {
      parsed.push(text)
      if (text.startsWith('broken')) throw new RegateError('CONFIG_INVALID', 'broken text')
      return { text }
    },
    checkMs: 10,
    onEvent: (event) => events.push(event),
  })
  onTestFinished(followed.close)
  return { folder, file, events, followed, parsed, text: () => followed.current().text }
}

describe('a followed file', () => {
  it('follows an edit in place, an atomic save and a truncation before a write', async () => {
    const { folder, file, text } = await follow()
    await writeFile(file, 'two')
    await until(() => text() === 'two')
    await writeFile(join(folder, 'new'), 'three')
    await rename(join(folder, 'new'), file)
    await until(() => text() === 'three')
    await truncate(file)
    await writeFile(file, 'four')
    await until(() => text() === 'four')
  })

  it('follows the swap of a symlink, as a mounted ConfigMap does it', async () => {
    const { folder, file, text } = await follow()
    for (const name of ['a', 'b']) {
      await mkdir(join(folder, name))
      await writeFile(join(folder, name, 'table'), name)
    }
    await symlink('a', join(folder, '..data'))
    await symlink('..data/table', join(folder, 'link'))
    await rename(join(folder, 'link'), file)
    await until(() => text() === 'a')
    await symlink('b', join(folder, '..new'))
    await rename(join(folder, '..new'), join(folder, '..data'))
    await until(() => text() === 'b')
  })

  it.each<[string, string, (file: string) => Promise<void>]>([
    ['broken', 'broken text', (file) => writeFile(file, 'broken')],
    ['empty', 'is empty', (file) => truncate(file)],
    ['blank', 'is empty', (file) => writeFile(file, ' \n')],
    ['gone', 'ENOENT', (file) => unlink(file)],
    ['not UTF-8', 'UTF-8', (file) => writeFile(file, Buffer.from([0xff, 0xfe, 0xff]))],
    ['a folder', 'EISDIR', (file) => rm(file).then(() => mkdir(file))],
  ])('keeps its last good content while it is %s, and says so once', async (_, reason, edit) => {
    const { file, events, followed, text } = await follow()
    await edit(file)
    await until(() => events.length > 0)
    expect(text()).toBe('one')
    expect(events).toMatchObject([{ kind: 'file-failed', file, error: { code: 'CONFIG_INVALID' } }])
    expect(followed.status().error).toContain(reason)
    await rm(file, { recursive: true, force: true })
    await writeFile(file, 'two')
    await until(() => text() === 'two')
    expect(followed.status()).toEqual({ file })
  })

  it('takes no half-written text', async () => {
    const { file, text, parsed } = await follow()
    for (let round = 0; round < 5; round += 1) {
      await writeFile(file, `half-${round}`)
      await writeFile(file, `whole-${round}`)
      await until(() => text() === `whole-${round}`)
    }
    expect(parsed.filter((content) => content.startsWith('half'))).toEqual([])
  })

  it('keeps the very same value while its text is the same', async () => {
    const { folder, file, events, parsed, text } = await follow()
    await writeFile(join(folder, 'new'), 'one')
    await rename(join(folder, 'new'), file)
    await writeFile(join(folder, 'two'), 'two')
    await rename(join(folder, 'two'), file)
    await until(() => text() === 'two')
    expect(parsed).toEqual(['one', 'two'])
    expect(events).toHaveLength(1)
  })

  it.each(['broken', '', '\n'])('is a start error with the text %j', async (content) => {
    await expect(follow(content)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('table'),
    })
  })
})

describe('an authenticator', () => {
  it('follows its tokens, and keeps them through a broken edit', async () => {
    const pathOf = await writeFolder({ 'tokens.yaml': 'a: { plain: token-a, subject: ann }' })
    const { askBearer, events } = await openAuthenticator({ tokens: { file: pathOf('tokens.yaml') } })
    await writeFile(pathOf('tokens.yaml'), 'b: { plain: token-b, subject: bob }')
    await until(async () => codeOf(await askBearer('token-b')) === 'identified')
    expect(codeOf(await askBearer('token-a'))).toBe('TOKEN_UNKNOWN')
    await writeFile(pathOf('tokens.yaml'), 'c: { plain: token-c')
    await until(() => events.some(({ kind }) => kind === 'file-failed'))
    expect(codeOf(await askBearer('token-b'))).toBe('identified')
    expect(JSON.stringify(events)).not.toMatch(/token-[abc]/)
  })

  it('forgets what it verified when the key file is rotated', async () => {
    const [old, next] = [makeSigner('ES256', 'old'), makeSigner('ES256', 'next')]
    const pathOf = await writeFolder({ 'jwks.json': { keys: [old.jwk] } })
    const keys = { kind: 'file', path: pathOf('jwks.json') } as const
    const { askBearer } = await openAuthenticator({ jwt: [issuerOptions({ keys })] })
    const token = old.sign(goodClaims())
    expect(codeOf(await askBearer(token))).toBe('identified')
    await writeFile(pathOf('jwks.json'), JSON.stringify({ keys: [next.jwk] }))
    await until(async () => codeOf(await askBearer(token)) === 'TOKEN_KEY_UNKNOWN')
    expect(codeOf(await askBearer(next.sign(goodClaims())))).toBe('identified')
  })

  it.each([{ tokens: { file: '/nowhere/tokens.yaml' } }, { basic: { htpasswd: '/nowhere/htpasswd' } }])(
    'does not start without a file that it was told of: %j',
    async (options) => {
      await expect(openAuthenticator(options)).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    },
  )
})
