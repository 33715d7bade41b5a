import { writeFile } from 'node:fs/promises'
import { hash } from '@node-rs/bcrypt'
import { beforeAll, describe, expect, it } from 'vitest'
import { createTurnstile } from '../../src/auth/create-turnstile.ts'
import { codeOf, openAuthenticator, until, writeFolder } from './open-authenticator.ts'

const USERS = 'bob: { roles: [viewer], groups: [staff], email: bob@example.com, name: Bob }\n'
let htpasswd = ''

beforeAll(async () => {
  const users = { bob: 'secret', mü: 'pass:wörd', long: 'x'.repeat(72), empty: '' }
  const lines = Object.entries(users).map(
    async ([user, password]) => `${user}:${await hash(password, { cost: 4 })}\n`,
  )
  htpasswd = (await Promise.all(lines)).join('')
})

async function open() {
  const pathOf = await writeFolder({ htpasswd, 'users.yaml': USERS })
  const basic = { htpasswd: pathOf('htpasswd'), users: pathOf('users.yaml') }
  return { ...(await openAuthenticator({ basic })), pathOf }
}

const encode = (text: string) => Buffer.from(text).toString('base64')
const line = (user: string, password: string) => `Basic ${encode(`${user}:${password}`)}`

describe('Basic', () => {
  it('identifies a user, with what the table says', async () => {
    const { askLine } = await open()
    expect(await askLine(line('bob', 'secret'))).toEqual({
      kind: 'identified',
      identity: {
        subject: 'bob',
        roles: ['viewer'],
        groups: ['staff'],
        scopes: [],
        email: 'bob@example.com',
        name: 'Bob',
        claims: {},
        authenticatedBy: 'basic',
      },
    })
    expect(await askLine(line('long', 'x'.repeat(72)))).toMatchObject({
      identity: { subject: 'long', roles: [] },
    })
  })

  it('takes UTF-8, colons in passwords, an empty password and any case of the scheme', async () => {
    const { askLine } = await open()
    expect(codeOf(await askLine(line('mü', 'pass:wörd')))).toBe('identified')
    expect(codeOf(await askLine(line('empty', '')))).toBe('identified')
    expect(codeOf(await askLine(line('bob', 'secret').replace('Basic', 'bASIC')))).toBe('identified')
  })

  it.each([
    ['a wrong password', 'bob', 'Secret'],
    ['an empty password', 'bob', ''],
    ['an unknown user', 'eve', 'secret'],
    ['a user in another case', 'Bob', 'secret'],
    ['a user with a space', 'bob ', 'secret'],
    ['a name that every object has', 'constructor', 'x'],
    ['a password whose first 72 bytes are right', 'long', 'x'.repeat(73)],
  ])('refuses %s', async (_, user, password) => {
    const { askLine } = await open()
    expect(await askLine(line(user, password))).toMatchObject({
      kind: 'rejected',
      code: 'BASIC_INVALID',
      scheme: 'Basic',
    })
  })

  it.each([
    ['nothing', ''],
    ['no colon', encode('bob')],
    ['no user', encode(':secret')],
    ['a control character', encode('bob:sec\nret')],
    ['NUL', encode('bob:secret\0')],
    ['characters beyond Base64', `${encode('bob:secret')}!`],
    ['URL-safe Base64', Buffer.from('bob:\u00ff\u00fe\u00ff?>').toString('base64url')],
    ['missing padding', encode('bob:secret').replace(/=+$/, '')],
    ['too much padding', `${encode('bob:secret')}=`],
    ['bits that must be zero', `${encode('bob:secret').slice(0, -3)}R==`],
    ['Latin-1', Buffer.from('m\u00fc:x', 'latin1').toString('base64')],
    ['two values', `${encode('bob:secret')} ${encode('bob:secret')}`],
    ['a quoted value', `"${encode('bob:secret')}"`],
  ])('refuses %s as malformed', async (_, encoded) => {
    const { askLine } = await open()
    const answer = await askLine(`Basic ${encoded}`)
    expect(answer).toMatchObject({ kind: 'rejected', code: 'BASIC_MALFORMED', scheme: 'Basic' })
    expect(JSON.stringify(answer)).not.toContain('secret')
  })

  it('checks a password once for requests at the same time, and remembers success alone', async () => {
    const { askLine } = await open()
    const [one, two] = [askLine(line('bob', 'secret')), askLine(line('bob', 'secret'))]
    expect(await one).toBe(await two)
    expect(askLine(line('bob', 'secret'))).toBe(await one)
    await askLine(line('bob', 'wrong'))
    expect(askLine(line('bob', 'wrong'))).toBeInstanceOf(Promise)
  })

  it('forgets what it remembers when either file changes', async () => {
    const { askLine, pathOf } = await open()
    await askLine(line('bob', 'secret'))
    await writeFile(pathOf('users.yaml'), 'bob: { roles: [admin] }')
    await until(async () => JSON.stringify(await askLine(line('bob', 'secret'))).includes('admin'))
    await writeFile(pathOf('htpasswd'), `bob:${await hash('changed', { cost: 4 })}\n`)
    await until(async () => codeOf(await askLine(line('bob', 'secret'))) === 'BASIC_INVALID')
    expect(codeOf(await askLine(line('bob', 'changed')))).toBe('identified')
  })

  it('spends as long on an unknown user as on a known one', async () => {
    const pathOf = await writeFolder({ htpasswd: `bob:${await hash('secret', { cost: 9 })}\n` })
    const { askLine } = await openAuthenticator({ basic: { htpasswd: pathOf('htpasswd') } })
    const spend = async (user: string) => {
      const started = performance.now()
      for (let round = 0; round < 4; round += 1) await askLine(line(user, `wrong-${round}`))
      return performance.now() - started
    }
    await spend('bob')
    const [known, unknown] = [await spend('bob'), await spend('eve')]
    // Without a check it would be a hundredth.
    expect(unknown).toBeGreaterThan(known / 3)
  })

  it('answers a flood of password checks with 503 instead of starving the rest', async () => {
    const { askLine } = await open()
    const flood = Array.from({ length: 150 }, async (_, index) => askLine(line('bob', `guess-${index}`)))
    const codes = (await Promise.all(flood)).map(codeOf)
    expect(new Set(codes)).toEqual(new Set(['BASIC_INVALID', 'BASIC_OVERLOADED']))
    expect(codeOf(await askLine(line('bob', 'secret')))).toBe('identified')
  })
})

it('a turnstile lets through in order, and goes on after a failure', async () => {
  const pass = createTurnstile(1, 2)
  const order: number[] = []
  const results = await Promise.allSettled([
    pass(async () => order.push(1)),
    pass(() => Promise.reject(new Error('failed'))),
    pass(async () => order.push(3)),
    pass(async () => order.push(4)),
  ])
  expect(order).toEqual([1, 3])
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected'])
  expect(await pass(async () => 5)).toBe(5)
})
