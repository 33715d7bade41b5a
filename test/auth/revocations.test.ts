import { unlink, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { digestApiKey, makeApiKey } from '../../src/auth/make-api-key.ts'
import { parseRevocations } from '../../src/auth/parse-revocations.ts'
import { RegateError } from '../../src/errors.ts'
import { makeSigner } from './make-signer.ts'
import {
  codeOf,
  goodClaims,
  ISSUER,
  issuerOptions,
  NOW,
  openAuthenticator,
  until,
  writeFolder,
} from './open-authenticator.ts'

const OTHER = 'https://other.example.com'
const signer = makeSigner('ES256', 'key-1')
const key = makeApiKey()
// "secret", cost 4
const HTPASSWD = 'bob:$2y$04$eN.tRVzMs5iw2GUjB2Jaye6nTGzzfWmwdRTx4nf5hDj5J1sArrlBq\n'
const BOB = `Basic ${Buffer.from('bob:secret').toString('base64')}`

async function open(list: string, changes: Parameters<typeof openAuthenticator>[0] = {}) {
  const pathOf = await writeFolder({
    'jwks.json': { keys: [signer.jwk] },
    'tokens.yaml': 'demo: { plain: valid-token-123, subject: ann }',
    'api-keys.yaml': `${key.id}: { sha256: ${digestApiKey(key.key).toString('hex')}, owner: bot, created: 2027-02-01 }`,
    'revocations.yaml': list,
    htpasswd: HTPASSWD,
  })
  const keys = { kind: 'file', path: pathOf('jwks.json') } as const
  const opened = await openAuthenticator({
    jwt: [issuerOptions({ keys }), issuerOptions({ issuer: OTHER, keys })],
    tokens: { file: pathOf('tokens.yaml') },
    apiKeys: { file: pathOf('api-keys.yaml') },
    basic: { htpasswd: pathOf('htpasswd') },
    revocations: { file: pathOf('revocations.yaml') },
    ...changes,
  })
  const askClaims = async (claims: object) => codeOf(await opened.askBearer(signer.sign(goodClaims(claims))))
  return {
    ...opened,
    askClaims,
    write: (text: string) => writeFile(pathOf('revocations.yaml'), text),
    pathOf,
  }
}

describe('the deny-list', () => {
  it.each(['', ' \n'])('is refused where it is empty (%j), with what to write', async (text) => {
    await expect(open(text)).rejects.toThrow(/revocations\.yaml is empty; write \[\] for an empty list$/)
    const { askBearer } = await open('[]')
    expect(await askBearer(signer.sign(goodClaims({ jti: 'one' })))).toMatchObject({ kind: 'identified' })
  })

  it('refuses what an entry names, with a code of its own that names no value', async () => {
    const { askBearer } = await open('[{ jti: one }]')
    expect(await askBearer(signer.sign(goodClaims({ jti: 'one' })))).toEqual({
      kind: 'rejected',
      code: 'TOKEN_REVOKED',
      scheme: 'Bearer',
      detail: 'the deny-list names its jti',
    })
  })

  it.each<[string, string, object, string]>([
    ['another jti', '[{ jti: one }]', { jti: 'two' }, 'identified'],
    ['no jti', '[{ jti: one }]', {}, 'identified'],
    ['a jti that is a number', '[{ jti: "7" }]', { jti: 7 }, 'TOKEN_REVOKED'],
    ['a jti in another case', '[{ jti: one }]', { jti: 'ONE' }, 'identified'],
    ['a jti like a name that every object has', '[{ jti: one }]', { jti: 'constructor' }, 'identified'],
    ['the session', '[{ sid: s }]', { sid: 's' }, 'TOKEN_REVOKED'],
    ['a jti that is the sid of an entry', '[{ sid: s }]', { jti: 's' }, 'identified'],
    ['the signing key', '[{ kid: key-1 }]', {}, 'TOKEN_REVOKED'],
    ['another signing key', '[{ kid: key-2 }]', {}, 'identified'],
    ['the subject', '[{ subject: ann }]', { iat: NOW }, 'TOKEN_REVOKED'],
    ['the subject, of another issuer', `[{ subject: ann, issuer: "${OTHER}" }]`, {}, 'identified'],
    ['the subject, of the issuer', `[{ subject: ann, issuer: "${ISSUER}" }]`, {}, 'TOKEN_REVOKED'],
    ['the jti, of another issuer', `[{ jti: one, issuer: "${OTHER}" }]`, { jti: 'one' }, 'identified'],
    [
      'the jti, of both issuers',
      `[{ jti: one, issuer: "${OTHER}" }]`,
      { jti: 'one', iss: OTHER },
      'TOKEN_REVOKED',
    ],
    ['an entry past its until', '[{ jti: one, until: 2020-01-01 }]', { jti: 'one' }, 'TOKEN_REVOKED'],
    ['an empty list', '[]', { jti: 'one' }, 'identified'],
    ['a list of comments', '# nobody\n', { jti: 'one' }, 'identified'],
  ])('judges %s', async (_, list, claims, code) => {
    const { askClaims } = await open(list)
    expect(await askClaims(claims)).toBe(code)
  })

  it.each<[string, number | undefined, string]>([
    ['a second before', NOW - 101, 'TOKEN_REVOKED'],
    ['just then', NOW - 100, 'identified'],
    ['later', NOW, 'identified'],
    ['nobody knows when', undefined, 'TOKEN_REVOKED'],
  ])('by a subject and a time refuses what was issued before: %s', async (_, iat, code) => {
    const time = new Date((NOW - 100) * 1000).toISOString()
    const { askClaims } = await open(`[{ subject: ann, issuedBefore: ${time} }]`)
    expect(await askClaims(iat === undefined ? {} : { iat })).toBe(code)
  })

  it('takes the latest of several times for a subject', async () => {
    const { askClaims } = await open(
      '[{ subject: ann, issuedBefore: 2027-02-01 }, { subject: ann, issuedBefore: 2027-01-01 }]',
    )
    expect(await askClaims({ iat: Date.parse('2027-01-15') / 1000 })).toBe('TOKEN_REVOKED')
    expect(await askClaims({ iat: Date.parse('2027-02-15') / 1000 })).toBe('identified')
  })

  it('names an API key by its public part, and by its owner and when it was created', async () => {
    const of = async (list: string) => codeOf(await (await open(list)).askBearer(key.key))
    expect(await of(`[{ kid: ${key.id} }]`)).toBe('TOKEN_REVOKED')
    expect(await of('[{ subject: bot, issuedBefore: 2027-02-02 }]')).toBe('TOKEN_REVOKED')
    expect(await of('[{ subject: bot, issuedBefore: 2027-01-31 }]')).toBe('identified')
    expect(await of(`[{ subject: bot, issuer: "${ISSUER}" }]`)).toBe('identified')
  })

  it('refuses passwords and static tokens of a subject, which do not say when they were issued', async () => {
    const { askLine, askBearer } = await open(
      '[{ subject: bob, issuedBefore: 2020-01-01 }, { subject: ann }]',
    )
    expect(await askLine(BOB)).toMatchObject({ code: 'TOKEN_REVOKED', scheme: 'Basic' })
    expect(codeOf(await askBearer('valid-token-123'))).toBe('TOKEN_REVOKED')
  })

  it('makes a revoked token in a cookie count as absent', async () => {
    const { ask } = await open('[{ jti: one }]', { from: [{ kind: 'cookie', name: 'session' }] })
    const session = [signer.sign(goodClaims({ jti: 'one' }))]
    expect(await ask({ cookies: { session } })).toEqual({
      kind: 'anonymous',
      ignored: 'the credential in the cookie counts as absent: TOKEN_REVOKED, the deny-list names its jti',
    })
  })

  it('is asked for tokens, keys and passwords that were known before the edit, and again after it is taken back', async () => {
    const { askBearer, askLine, write } = await open('[]')
    const token = signer.sign(goodClaims({ jti: 'one' }))
    const answers = async () =>
      [await askBearer(token), await askBearer(key.key), await askLine(BOB)].map(codeOf)
    expect(await answers()).toEqual(['identified', 'identified', 'identified'])
    const known = askBearer(token)
    expect(known).not.toBeInstanceOf(Promise)
    await write(`- { jti: one }\n- { kid: ${key.id} }\n- { subject: bob }\n`)
    await until(async () => (await answers()).every((code) => code === 'TOKEN_REVOKED'))
    expect(askBearer(token)).not.toBeInstanceOf(Promise)
    await write('[]')
    await until(async () => (await answers()).every((code) => code === 'identified'))
    expect(askBearer(token)).toBe(known)
  })

  it.each<[string, (file: string) => Promise<void>]>([
    ['broken', (file) => writeFile(file, '- { jti: one')],
    ['of another shape', (file) => writeFile(file, 'jti: one\n')],
    ['empty', (file) => writeFile(file, '')],
    ['gone', (file) => unlink(file)],
  ])('keeps its last good content while the file is %s, and says so', async (_, edit) => {
    const { askClaims, events, pathOf, status } = await open('[{ jti: one }]')
    await edit(pathOf('revocations.yaml'))
    await until(() => events.some(({ kind }) => kind === 'file-failed'))
    expect(await askClaims({ jti: 'one' })).toBe('TOKEN_REVOKED')
    const file = status().files.find((each) => each.file.endsWith('revocations.yaml'))
    expect(file?.error).toContain('revocations.yaml')
  })

  it.each(['', 'jti: one', '- jti', '[[[['])('is a start error with the text %j', async (text) => {
    await expect(open(text)).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  })

  it('is a start error where the file is not there', async () => {
    await expect(
      openAuthenticator({ revocations: { file: '/nowhere/revocations.yaml' } }),
    ).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    })
  })
})

describe('revocations.yaml', () => {
  it('tells every problem at its place', () => {
    const text = `- { jti: a, sid: b }
- { until: 2027-01-01 }
- { jti: a, issuedBefore: 2027-01-01 }
- { subject: 7, issuedBefore: yesterday }
- { jti: a, jit: b }
- { kid: "" }
`
    expect(problemsOf(text)).toEqual([
      'list:1:3: entry 1: one of jti, subject, sid, kid is expected',
      'list:2:3: entry 2: one of jti, subject, sid, kid is expected',
      'list:3:27: entry 3.issuedBefore: stands beside subject only',
      'list:4:31: entry 4.issuedBefore: a date such as 2027-01-31 or 2027-01-31T12:00:00Z is expected',
      'list:4:14: entry 4.subject: a non-empty text is expected (numbers and dates in quotes)',
      'list:5:13: entry 5.jit: unknown, expected one of jti, subject, sid, kid, issuedBefore, issuer, until',
      'list:6:10: entry 6.kid: a non-empty text is expected (numbers and dates in quotes)',
    ])
  })

  it.each([
    ['a list of texts', '- one\n'],
    ['a list of lists', '- [{ jti: one }]\n'],
    ['null', '- \n'],
    ['a field twice', '- { jti: one, jti: two }\n'],
    ['a control character', '- { jti: "a\\n" }\n'],
    ['two documents', '- { jti: a }\n---\n- { jti: b }\n'],
    ['an alias of nothing', '- *a\n'],
  ])('is refused with %s', (_, text) => {
    expect(problemsOf(text)[0]).toMatch(/^list:\d+:\d+: /)
  })

  it('is bounded', () => {
    const line = '- { jti: a }\n'
    expect(problemsOf(line.repeat(5_001))).toEqual([
      'list:5001:3: more than 5000 entries; remove those past their until',
    ])
  })
})

function problemsOf(text: string): readonly string[] {
  try {
    parseRevocations('list', text)
    return []
  } catch (error) {
    return error instanceof RegateError ? error.message.split('\n') : ['no coded error']
  }
}
