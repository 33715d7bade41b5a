import { timingSafeEqual } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { createKeyVerifier } from '../../src/auth/create-key-verifier.ts'
import { digestApiKey, makeApiKey } from '../../src/auth/make-api-key.ts'
import { parseKeyTable } from '../../src/auth/parse-key-table.ts'
import { RegateError } from '../../src/errors.ts'
import { codeOf, NOW_MS, openAuthenticator, until, writeFolder, toRequest } from './open-authenticator.ts'

const backup = makeApiKey()
const wiki = makeApiKey()
const old = makeApiKey()
const row = ({ id, key }: { id: string; key: string }, fields: string) =>
  `${id}: { sha256: ${digestApiKey(key).toString('hex')}, ${fields} }\n`
const KEYS =
  row(backup, 'owner: backup, roles: [viewer], groups: [machines], scopes: [read]') +
  row(wiki, 'owner: bot, apps: [wiki, docs]') +
  row(old, `owner: old, expires: ${new Date(NOW_MS).toISOString()}`)

async function open(changes: Parameters<typeof openAuthenticator>[0] = {}) {
  const pathOf = await writeFolder({ 'api-keys.yaml': KEYS })
  const apiKeys = { file: pathOf('api-keys.yaml'), header: 'x-api-key' }
  const opened = await openAuthenticator({ apiKeys, ...changes })
  const askHeader = (...lines: string[]) => opened.ask({ headers: { 'x-api-key': lines } })
  return { ...opened, pathOf, askHeader }
}

describe('an API key', () => {
  it('identifies its owner, in its header and as a bearer token, each time as the very same identity', async () => {
    const { askBearer, askHeader } = await open()
    const answer = askHeader(backup.key)
    expect(answer).toEqual({
      kind: 'identified',
      identity: {
        subject: 'backup',
        roles: ['viewer'],
        groups: ['machines'],
        scopes: ['read'],
        claims: {},
        authenticatedBy: 'api-key',
      },
    })
    expect(askBearer(backup.key)).toBe(answer)
    expect(askHeader(backup.key)).toBe(answer)
  })

  it('is read in no header that is not configured', async () => {
    const pathOf = await writeFolder({ 'api-keys.yaml': KEYS })
    const { ask, askBearer } = await openAuthenticator({ apiKeys: { file: pathOf('api-keys.yaml') } })
    expect(ask({ headers: { 'x-api-key': [backup.key] } })).toEqual({ kind: 'anonymous' })
    expect(codeOf(await askBearer(backup.key))).toBe('identified')
  })

  it('expires at its moment', async () => {
    const { askHeader, clock } = await open()
    expect(codeOf(await askHeader(old.key))).toBe('TOKEN_EXPIRED')
    clock.nowMs = NOW_MS - 1
    expect(codeOf(await askHeader(old.key))).toBe('identified')
  })

  it('is good for the apps that it names, for others and for an unknown app it is 403', async () => {
    const { authenticate } = await open({
      from: [{ kind: 'authorization' }, { kind: 'cookie', name: 'key' }],
    })
    const credentials = { cookies: {}, headers: { 'x-api-key': [wiki.key] } }
    const code = async (app?: string) =>
      codeOf(await authenticate(toRequest(credentials), app === undefined ? undefined : { name: app }))
    expect(await code('wiki')).toBe('identified')
    expect(await code('docs')).toBe('identified')
    for (const app of ['grafana', 'wik', '', 'constructor', undefined])
      expect(await code(app)).toBe('KEY_APP_REFUSED')
    const cookie = toRequest({ cookies: { key: [wiki.key] }, headers: {} })
    expect(codeOf(await authenticate(cookie, { name: 'wiki' }))).toBe('identified')
    const absent = await authenticate(cookie, { name: 'grafana' })
    expect(absent).toMatchObject({ kind: 'anonymous', ignored: expect.stringContaining('KEY_APP_REFUSED') })
    expect(JSON.stringify(absent)).not.toContain(wiki.key)
  })

  const secret = backup.key.slice(13)
  const wrong = `${secret.slice(0, -1)}${secret.endsWith('a') ? 'b' : 'a'}`
  it.each([
    ['an unknown public part', `rgk_zzzzzzz0_${secret}`],
    ['a wrong secret', `${backup.id}_${wrong}`],
    ["another key's secret", `${backup.id}_${wiki.key.slice(13)}`],
    [
      'its digest in place of the secret',
      `${backup.id}_${digestApiKey(backup.key).toString('hex').slice(0, 43)}`,
    ],
  ])('is refused with %s: one code, one text, wherever it stands', async (_, key) => {
    const { askBearer, askHeader } = await open()
    const refused = {
      kind: 'rejected',
      code: 'TOKEN_UNKNOWN',
      scheme: 'Bearer',
      detail: 'none of the API keys',
    }
    expect(await askHeader(key)).toEqual(refused)
    expect(await askBearer(key)).toEqual(refused)
  })

  it.each([
    ['a character less', backup.key.slice(0, -1)],
    ['a character more', `${backup.key}a`],
    ['a space before it', ` ${backup.key}`],
    ['a scheme', `Bearer ${backup.key}`],
    ['quotes', `"${backup.key}"`],
    ['a line break after it', `${backup.key}\n`],
    ['NUL', `${backup.key.slice(0, -1)}\0`],
    ['another case', backup.key.replace('rgk_', 'RGK_')],
    ['a letter that folds to an ASCII one', backup.key.replace('k', '\u212a')],
    ['a public part alone', backup.id],
    ['two keys in one line', `${backup.key}, ${backup.key}`],
    ['a name that every object has', '__proto__'],
    ['a megabyte', `${backup.id}_${'a'.repeat(2 ** 20)}`],
    ["another product's key", 'sk-live-0123456789'],
  ])('is malformed with %s, and not repeated in the answer', async (_, key) => {
    const { askHeader } = await open()
    const answer = await askHeader(key)
    expect(answer).toMatchObject({ kind: 'rejected', code: 'TOKEN_MALFORMED' })
    expect(JSON.stringify(answer).length).toBeLessThan(200)
    expect(JSON.stringify(answer)).not.toContain(backup.id)
  })

  it('is refused where two lines hold one, be they the same', async () => {
    const { askHeader } = await open()
    expect(codeOf(await askHeader(backup.key, backup.key))).toBe('TOKEN_MALFORMED')
    expect(codeOf(await askHeader('', backup.key))).toBe('TOKEN_MALFORMED')
  })

  it('decides alone: the header of keys comes before every other place', async () => {
    const { ask } = await open()
    const authorization = `Bearer ${wiki.key}`
    expect(await ask({ authorization, headers: { 'x-api-key': [backup.key] } })).toMatchObject({
      identity: { subject: 'backup' },
    })
    expect(
      codeOf(await ask({ authorization: `Bearer ${backup.key}`, headers: { 'x-api-key': ['x'] } })),
    ).toBe('TOKEN_MALFORMED')
    expect(
      await ask({ authorization: `Bearer ${backup.key}`, headers: { 'x-api-key': [''] } }),
    ).toMatchObject({
      identity: { subject: 'backup' },
    })
  })

  it('is gone as soon as its line is, and a broken edit changes nothing', async () => {
    const { askHeader, events, pathOf, status } = await open()
    await writeFile(pathOf('api-keys.yaml'), `${KEYS}broken`)
    await until(() => events.some(({ kind }) => kind === 'file-failed'))
    expect(codeOf(await askHeader(backup.key))).toBe('identified')
    expect(status().files).toMatchObject([{ error: expect.stringContaining('api-keys.yaml:4:') }])
    await writeFile(pathOf('api-keys.yaml'), row(wiki, 'owner: bot'))
    await until(async () => codeOf(await askHeader(backup.key)) === 'TOKEN_UNKNOWN')
  })
})

describe('the comparison of digests', () => {
  it('runs once for every key of the right form, known or not, and over digests of one length', () => {
    const compared: number[][] = []
    const verify = createKeyVerifier({
      keys: { current: () => parseKeyTable('keys', KEYS) },
      now: () => NOW_MS,
      isSame(one, other) {
        compared.push([one.length, other.length])
        return timingSafeEqual(one, other)
      },
    })
    const messages = [
      `${backup.id}_${'a'.repeat(43)}`,
      `rgk_unknown0_${'a'.repeat(43)}`,
      old.key,
      wiki.key,
    ].map((key) => messageOf(() => verify(key, 'grafana')))
    expect(verify(backup.key, undefined)).toBeDefined()
    expect(compared).toEqual(Array.from({ length: 5 }, () => [32, 32]))
    expect(messages[0]).toBe(messages[1])
  })

  it('admits nobody whom no row names, not even where the digests were the same', () => {
    const verify = createKeyVerifier({ keys: { current: () => new Map() }, now: () => 0, isSame: () => true })
    expect(messageOf(() => verify(backup.key, undefined))).toBe('none of the API keys')
  })
})

it('makes keys of 256 random bits, no two alike', () => {
  const keys = Array.from({ length: 500 }, () => makeApiKey().key)
  expect(new Set(keys).size).toBe(500)
  expect(keys.filter((key) => !/^rgk_[a-z0-9]{8}_[A-Za-z0-9]{43}$/.test(key))).toEqual([])
  expect(62n ** 43n).toBeGreaterThanOrEqual(2n ** 256n)
})

describe('api-keys.yaml', () => {
  const digest = 'a'.repeat(64)

  it.each(['', '# none yet\n', '{}'])('may be empty: %j', (text) => {
    expect(parseKeyTable('keys', text).size).toBe(0)
  })

  it('tells every problem at its place', () => {
    const text = `rgk_aaaaaaaa: { sha256: ${digest}, owner: a, role: [x] }
rgk_bbbbbbbb: { sha256: abc, owner: b }
rgk_cccccccc: { owner: c, apps: [] }
rgk_dddddddd: { sha256: ${digest}, apps: [Wiki, 7] }
rgk_eeeeeeee: { sha256: ${digest}, owner: e, expires: 2027-02-31, created: soon }
rgk_ffffffff: { sha256: ${digest}, owner: "f\\u0000" }
`
    expect(problemsOf(text)).toEqual([
      'keys:1:101: rgk_aaaaaaaa.role: unknown, expected one of sha256, owner, apps, created, expires, roles, groups, scopes, email, name',
      'keys:2:25: rgk_bbbbbbbb.sha256: 64 hexadecimal digits are expected',
      'keys:3:33: rgk_cccccccc.apps: names of apps are expected; leave it out for all of them',
      'keys:3:1: rgk_cccccccc.sha256: 64 hexadecimal digits are expected',
      'keys:4:97: rgk_dddddddd.apps: a list of non-empty texts is expected',
      'keys:4:97: rgk_dddddddd.apps: names of apps are expected; leave it out for all of them',
      'keys:4:1: rgk_dddddddd.owner: missing',
      'keys:5:131: rgk_eeeeeeee.created: a date such as 2027-01-31 or 2027-01-31T12:00:00Z is expected',
      'keys:5:110: rgk_eeeeeeee.expires: a date such as 2027-01-31 or 2027-01-31T12:00:00Z is expected',
      'keys:6:98: rgk_ffffffff.owner: a non-empty text is expected (numbers and dates in quotes)',
    ])
  })

  it('is refused with a public part that is there twice, at its row', () => {
    const line = `rgk_aaaaaaaa: { sha256: ${digest}, owner: a }\n`
    expect(problemsOf(`${line}# between\n"rgk_aaaaaaaa": { sha256: ${digest}, owner: b }\n`)[0]).toMatch(
      /^keys:3:1: /,
    )
  })

  it('quotes no key that somebody wrote into it whole', () => {
    for (const text of [
      `${backup.key}: { sha256: ${digest}, owner: a }`,
      `rgk_aaaaaaaa: { sha256: ${backup.key}, owner: a }`,
      `rgk_aaaaaaaa: { key: ${backup.key}, owner: a }`,
      `- ${backup.key}`,
      backup.key,
    ])
      expect(problemsOf(text).join('\n')).not.toContain(backup.key)
  })

  it.each([
    ['aliases', bomb()],
    ['depth', '['.repeat(20_000)],
    ['a list of pairs', `- rgk_aaaaaaaa: { sha256: ${digest}, owner: a }`],
    ['a merge', `rgk_aaaaaaaa: &a { sha256: ${digest}, owner: a }\nrgk_bbbbbbbb: { <<: *a }`],
    ['a tag', `rgk_aaaaaaaa: !!js/function { sha256: ${digest}, owner: a }`],
    ['two documents', `rgk_aaaaaaaa: { sha256: ${digest}, owner: a }\n---\n{}`],
  ])('is refused with a bomb or a trick of YAML: %s', async (_, text) => {
    const pathOf = await writeFolder({ keys: text })
    await expect(openAuthenticator({ apiKeys: { file: pathOf('keys') } })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    })
  })

  function bomb(): string {
    const levels = Array.from({ length: 12 }, (_, level) =>
      level === 0
        ? '&l0 [x, x]'
        : `&l${level} [${Array(10)
            .fill(`*l${level - 1}`)
            .join(', ')}]`,
    )
    return levels
      .map(
        (roles, level) =>
          `rgk_${'a'.repeat(7)}${level % 10}: { sha256: ${digest}, owner: a, roles: ${roles} }`,
      )
      .join('\n')
  }
})

function messageOf(run: () => unknown): string {
  try {
    run()
    return ''
  } catch (error) {
    return error instanceof RegateError ? error.message : 'no coded error'
  }
}

function problemsOf(text: string): readonly string[] {
  return messageOf(() => parseKeyTable('keys', text)).split('\n')
}
