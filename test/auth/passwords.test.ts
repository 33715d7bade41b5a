import { hash as hashArgon2 } from '@node-rs/argon2'
import { hash as hashBcrypt } from '@node-rs/bcrypt'
import { beforeAll, describe, expect, it } from 'vitest'
import { createBrake } from '../../src/auth/create-brake.ts'
import { parseHtpasswd } from '../../src/auth/parse-htpasswd.ts'
import { toSubscriber } from '../../src/auth/to-subscriber.ts'
import { verifyPassword } from '../../src/auth/verify-password.ts'
import { RegateError } from '../../src/errors.ts'
import { codeOf, openAuthenticator, writeFolder } from './open-authenticator.ts'

const LIGHT = { memoryCost: 64, timeCost: 1, parallelism: 1 }
const SALT = 'A'.repeat(22)
const DIGEST = 'A'.repeat(43)
const LONG = 'x'.repeat(200)
let htpasswd = ''

beforeAll(async () => {
  const argon2 = async (user: string, password: string) => `${user}:${await hashArgon2(password, LIGHT)}\n`
  const lines = [argon2('ann', 'pass:wörd'), argon2('long', LONG), argon2('empty', '')]
  htpasswd = (await Promise.all(lines)).join('') + `bob:${await hashBcrypt('secret', { cost: 4 })}\n`
})

const line = (user: string, password: string) =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

async function open() {
  const pathOf = await writeFolder({ htpasswd })
  const opened = await openAuthenticator({ basic: { htpasswd: pathOf('htpasswd') } })
  const askFrom = async (clientIp: string | undefined, authorization: string) => {
    return codeOf(await opened.ask({ authorization }, clientIp === undefined ? {} : { clientIp }))
  }
  const failFrom = async (clientIp: string | undefined, user: string, times: number) => {
    const guesses = Array.from({ length: times }, (_, index) =>
      askFrom(clientIp, line(user, `guess-${index}`)),
    )
    return Promise.all(guesses)
  }
  return { ...opened, askFrom, failFrom }
}

describe('argon2id', () => {
  it('knows the right password beside bcrypt, long ones to the last character', async () => {
    const { askLine } = await open()
    for (const [user, password] of [
      ['ann', 'pass:wörd'],
      ['long', LONG],
      ['empty', ''],
      ['bob', 'secret'],
    ] as const)
      expect(codeOf(await askLine(line(user, password)))).toBe('identified')
    for (const [user, password] of [
      ['ann', 'pass:word'],
      ['long', `${LONG}x`],
      ['long', LONG.slice(1)],
      ['empty', 'x'],
      ['ann', ''],
    ] as const)
      expect(codeOf(await askLine(line(user, password)))).toBe('BASIC_INVALID')
  })

  it('is checked once for requests at the same time, and success is remembered', async () => {
    const { askLine } = await open()
    const [one, two] = [askLine(line('ann', 'pass:wörd')), askLine(line('ann', 'pass:wörd'))]
    expect(await one).toBe(await two)
    expect(askLine(line('ann', 'pass:wörd'))).toBe(await one)
  })

  it.each([
    ['one lane more than is admitted', `$argon2id$v=19$m=65536,t=1,p=17$${SALT}$${DIGEST}`],
    ['a KiB more than is admitted', `$argon2id$v=19$m=262145,t=1,p=1$${SALT}$${DIGEST}`],
    ['a pass more than is admitted', `$argon2id$v=19$m=64,t=11,p=1$${SALT}$${DIGEST}`],
    ['all the memory there is', `$argon2id$v=19$m=4294967295,t=1,p=1$${SALT}$${DIGEST}`],
    ['passes for years', `$argon2id$v=19$m=64,t=4294967295,p=1$${SALT}$${DIGEST}`],
    ['a number of 300 digits', `$argon2id$v=19$m=${'9'.repeat(300)},t=1,p=1$${SALT}$${DIGEST}`],
    ['no memory', `$argon2id$v=19$m=0,t=1,p=1$${SALT}$${DIGEST}`],
    ['no passes', `$argon2id$v=19$m=64,t=0,p=1$${SALT}$${DIGEST}`],
    ['too little memory for its lanes', `$argon2id$v=19$m=31,t=1,p=4$${SALT}$${DIGEST}`],
    ['a leading zero', `$argon2id$v=19$m=064,t=1,p=1$${SALT}$${DIGEST}`],
    ['a sign', `$argon2id$v=19$m=-64,t=1,p=1$${SALT}$${DIGEST}`],
    ['an exponent', `$argon2id$v=19$m=6e4,t=1,p=1$${SALT}$${DIGEST}`],
    ['parameters in another order', `$argon2id$v=19$t=1,m=64,p=1$${SALT}$${DIGEST}`],
    ['a parameter twice', `$argon2id$v=19$m=64,t=1,p=1,m=9999999$${SALT}$${DIGEST}`],
    ['the variant d', `$argon2d$v=19$m=64,t=1,p=1$${SALT}$${DIGEST}`],
    ['the variant i', `$argon2i$v=19$m=64,t=1,p=1$${SALT}$${DIGEST}`],
    ['the old version', `$argon2id$v=16$m=64,t=1,p=1$${SALT}$${DIGEST}`],
    ['no version', `$argon2id$m=64,t=1,p=1$${SALT}$${DIGEST}`],
    ['a short salt', `$argon2id$v=19$m=64,t=1,p=1$AAAA$${DIGEST}`],
    ['a short digest', `$argon2id$v=19$m=64,t=1,p=1$${SALT}$AAAAAA`],
    ['no digest', `$argon2id$v=19$m=64,t=1,p=1$${SALT}`],
    ['padding', `$argon2id$v=19$m=64,t=1,p=1$${SALT}==$${DIGEST}=`],
    ['bits that are thrown away', `$argon2id$v=19$m=64,t=1,p=1$${SALT}$${'A'.repeat(42)}B`],
    ['URL-safe Base64', `$argon2id$v=19$m=64,t=1,p=1$${SALT}$${'-'.repeat(43)}`],
  ])('is refused at its line with %s', (_, hash) => {
    const message = messageOf(() => parseHtpasswd('htpasswd', `# users\nann:${hash}\n`))
    expect(message).toMatch(/^htpasswd:2:1: user ann: /)
    expect(message).not.toContain(SALT)
  })

  it.each([
    `$argon2id$v=19$m=8,t=1,p=1$${'A'.repeat(11)}$${'A'.repeat(22)}`,
    `$argon2id$v=19$m=128,t=10,p=16$${'A'.repeat(64)}$${'A'.repeat(86)}`,
    `$argon2id$v=19$m=262144,t=1,p=1$${SALT}$${DIGEST}`,
  ])('is accepted at the borders, and can be verified then: %s', async (hash) => {
    expect(parseHtpasswd('htpasswd', `ann:${hash}`).hashes.get('ann')).toBe(hash)
    expect(await verifyPassword('x', hash)).toBe(false)
  })

  it('makes unknown users as costly as the costliest hash, of whichever kind', async () => {
    const light = `ann:$argon2id$v=19$m=64,t=1,p=1$${SALT}$${DIGEST}\n`
    const heavy = `eve:$argon2id$v=19$m=65536,t=3,p=4$${SALT}$${DIGEST}\n`
    const bcrypt = 'bob:$2b$10$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZabcde\n'
    expect(parseHtpasswd('htpasswd', light + bcrypt).decoy).toMatch(/^\$2b\$10\$/)
    const { decoy } = parseHtpasswd('htpasswd', light + heavy + bcrypt)
    expect(decoy).toMatch(/^\$argon2id\$v=19\$m=65536,t=3,p=4\$/)
    expect(await verifyPassword('', parseHtpasswd('htpasswd', light).decoy)).toBe(false)
  })
})

describe('the brake on guesses', () => {
  it('answers 503 after ten failures, also the right password, until five minutes are over', async () => {
    const { askFrom, failFrom, clock } = await open()
    expect(new Set(await failFrom('192.0.2.1', 'ann', 10))).toEqual(new Set(['BASIC_INVALID']))
    expect(await askFrom('192.0.2.1', line('ann', 'pass:wörd'))).toBe('BASIC_OVERLOADED')
    clock.nowMs += 299_999
    expect(await askFrom('192.0.2.1', line('ann', 'pass:wörd'))).toBe('BASIC_OVERLOADED')
    clock.nowMs += 1
    expect(await askFrom('192.0.2.1', line('ann', 'pass:wörd'))).toBe('identified')
  })

  it('admits no more guesses at the same time than in a row', async () => {
    const { failFrom } = await open()
    const codes = await failFrom('192.0.2.1', 'ann', 40)
    expect(codes.filter((code) => code === 'BASIC_INVALID')).toHaveLength(10)
    expect(codes.filter((code) => code === 'BASIC_OVERLOADED')).toHaveLength(30)
  })

  it('stops nobody at another address, no other user at this one, and nobody who was verified before', async () => {
    const { askFrom, failFrom } = await open()
    expect(await askFrom('192.0.2.1', line('bob', 'secret'))).toBe('identified')
    await failFrom('192.0.2.1', 'ann', 20)
    await failFrom('192.0.2.1', 'bob', 20)
    const right = line('ann', 'pass:wörd')
    const [here, there] = await Promise.all([askFrom('192.0.2.1', right), askFrom('192.0.2.2', right)])
    expect([here, there]).toEqual(['BASIC_OVERLOADED', 'identified'])
    expect(await askFrom('192.0.2.1', line('empty', ''))).toBe('identified')
    expect(await askFrom('192.0.2.1', line('bob', 'secret'))).toBe('identified')
  })

  it('is cleared by the right password, each time it has to be checked', async () => {
    const { askFrom, failFrom } = await open()
    for (const user of ['ann', 'long']) {
      await failFrom('192.0.2.1', user, 9)
      expect(await askFrom('192.0.2.1', line(user, user === 'ann' ? 'pass:wörd' : LONG))).toBe('identified')
      expect(new Set(await failFrom('192.0.2.1', user, 10))).toEqual(new Set(['BASIC_INVALID']))
      expect(await failFrom('192.0.2.1', user, 1)).toEqual(['BASIC_OVERLOADED'])
    }
  })

  it('holds for all addresses of one IPv6 subscriber, and for no other subscriber', async () => {
    const { askFrom, failFrom } = await open()
    await failFrom('2001:db8:1:2::1', 'ann', 10)
    expect(await askFrom('2001:db8:1:2:ffff::9', line('ann', 'pass:wörd'))).toBe('BASIC_OVERLOADED')
    expect(await askFrom('2001:db8:1:3::1', line('ann', 'pass:wörd'))).toBe('identified')
  })

  it('does not exist for callers whose address is not known: it would stop everybody', async () => {
    const { askFrom, failFrom } = await open()
    await failFrom(undefined, 'ann', 20)
    expect(await askFrom(undefined, line('ann', 'pass:wörd'))).toBe('identified')
  })

  it('forgets the longest unseen key first, and never remembers more than its bound', async () => {
    const brake = createBrake({ failures: 1, windowMs: 1_000, entries: 2, now: () => 0 })
    const fail = (key: string) =>
      brake(key, () => Promise.reject(new RegateError('BASIC_INVALID', 'wrong'))).catch((error: unknown) =>
        error instanceof RegateError ? error.code : error,
      )
    expect([await fail('a'), await fail('a')]).toEqual(['BASIC_INVALID', 'BASIC_OVERLOADED'])
    await fail('b')
    await fail('c')
    expect(await fail('a')).toBe('BASIC_INVALID')
    expect(await fail('c')).toBe('BASIC_OVERLOADED')
  })

  it('does not count what was never checked', async () => {
    const brake = createBrake({ failures: 1, windowMs: 1_000, entries: 2, now: () => 0 })
    const overloaded = () => Promise.reject(new RegateError('BASIC_OVERLOADED', 'busy'))
    for (let round = 0; round < 3; round += 1) await expect(brake('a', overloaded)).rejects.toThrow('busy')
    expect(await brake('a', async () => 'checked')).toBe('checked')
  })

  it('forgets no failures for a flood of what is never checked', async () => {
    const brake = createBrake({ failures: 1, windowMs: 1_000, entries: 2, now: () => 0 })
    const failWith = (code: 'BASIC_INVALID' | 'BASIC_OVERLOADED') => () =>
      Promise.reject(new RegateError(code, code))
    await expect(brake('a', failWith('BASIC_INVALID'))).rejects.toThrow('BASIC_INVALID')
    for (const key of ['b', 'c', 'd'])
      await expect(brake(key, failWith('BASIC_OVERLOADED'))).rejects.toThrow('BASIC_OVERLOADED')
    await expect(brake('a', async () => 'checked')).rejects.toThrow('too many wrong passwords')
  })
})

it.each([
  ['192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8::1', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
  ['::', '0:0:0:0'],
  ['2001:db8:1:2::', '2001:db8:1:2'],
  ['1::2:3:4:5:6', '1:0:0:2'],
])('the subscriber of %s is %s', (address, subscriber) => {
  expect(toSubscriber(address)).toBe(subscriber)
})

function messageOf(run: () => unknown): string {
  try {
    run()
    return ''
  } catch (error) {
    return error instanceof RegateError ? error.message : 'no coded error'
  }
}
