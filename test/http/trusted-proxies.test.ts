import { describe, expect, it } from 'vitest'
import { createTrustedProxies } from '../../src/http/trusted-proxies.ts'
import { expectCode } from './expect-code.ts'

describe('a trusted range', () => {
  const proxies = createTrustedProxies(['127.0.0.0/8', '10.1.0.0/16', '192.0.2.7', '::1/128', 'fd00::/8'])

  it.each([
    '127.0.0.1',
    '127.255.255.255',
    '10.1.2.3',
    '192.0.2.7',
    '::1',
    '0:0:0:0:0:0:0:1',
    'fd12::1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::FFFF:10.1.0.1',
  ])('includes %s', (address) => {
    expect(proxies.includes(address)).toBe(true)
  })

  it.each([
    '128.0.0.1',
    '10.10.0.1',
    '10.2.0.1',
    '192.0.2.70',
    '::2',
    'fe80::1',
    '::ffff:128.0.0.1',
    '::127.0.0.1',
    '127.1',
    '0177.0.0.1',
    '127.0.0.1 ',
    '127.0.0.1:80',
    'localhost',
    '::1%lo',
    '',
  ])('does not include %j', (address) => {
    expect(proxies.includes(address)).toBe(false)
  })

  it('of IPv6 never includes an IPv4 address', () => {
    expect(createTrustedProxies(['::/7']).includes('10.0.0.1')).toBe(false)
  })

  it('may be missing: then nobody is trusted', () => {
    expect(createTrustedProxies([]).includes('127.0.0.1')).toBe(false)
  })
})

describe('an entry that could trust more than it says', () => {
  it.each([
    '0.0.0.0/0',
    '10.0.0.0/0',
    '::/0',
    '::ffff:10.0.0.1',
    '::ffff:10.0.0.0/104',
    '::ffff:a00:1/128',
    '010.0.0.0/8',
    '0x0a.0.0.0/8',
    '10/8',
    '10.0.0/24',
    '167772160',
    'localhost',
    'proxy.example.com',
    '',
    ' ',
    ' 10.0.0.0/8',
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/08',
    '10.0.0.0/+8',
    '10.0.0.0/8.0',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    '10.0.0.0-10.0.0.255',
    '10.0.0.*',
    '::1/129',
    'fe80::1%eth0',
    'fe80::1%eth0/64',
    '*',
  ])('is refused: %j', (range) => {
    expectCode(() => createTrustedProxies([range]), 'CONFIG_INVALID')
  })

  it('is named together with all others', () => {
    const error = expectCode(() => createTrustedProxies(['nonsense', '127.0.0.1', '::/0']), 'CONFIG_INVALID')
    expect(error.message).toContain('nonsense')
    expect(error.message).toContain('::/0')
  })

  it('is admitted by the explicit override only where it means everybody', () => {
    const proxies = createTrustedProxies(['0.0.0.0/0', '::/0'], { allowEveryone: true })
    expect(proxies.includes('203.0.113.9')).toBe(true)
    expect(proxies.includes('2001:db8::1')).toBe(true)
    expectCode(() => createTrustedProxies(['::ffff:0.0.0.0/0'], { allowEveryone: true }), 'CONFIG_INVALID')
  })
})

it('refuses halves of the world, which together are all of it', () => {
  for (const range of ['0.0.0.0/1', '128.0.0.0/1', '::/1', '8000::/1', '0.0.0.0/7']) {
    expect(() => createTrustedProxies([range]), range).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }),
    )
  }
  for (const range of ['10.0.0.0/8', 'fc00::/7']) createTrustedProxies([range])
})
