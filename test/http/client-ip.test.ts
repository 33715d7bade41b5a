import { expect, it } from 'vitest'
import { readClientIp } from '../../src/http/client-ip.ts'
import { createTrustedProxies } from '../../src/http/trusted-proxies.ts'

const proxies = createTrustedProxies(['10.0.0.0/8', 'fd00::/8'])

it.each([
  ['203.0.113.9', '203.0.113.9'],
  ['203.0.113.9, 10.0.0.1', '203.0.113.9'],
  ['203.0.113.9,10.0.0.1 , fd00::1', '203.0.113.9'],
  ['forged, 198.51.100.1, 203.0.113.9', '203.0.113.9'],
  ['::ffff:203.0.113.9', '203.0.113.9'],
  ['::FFFF:cb00:7109', '203.0.113.9'],
  ['203.0.113.9, ::ffff:10.0.0.1', '203.0.113.9'],
  ['2001:0DB8:0:0::1', '2001:db8::1'],
  ['::1', '::1'],
])('%s → the rightmost that is no proxy, in one spelling', (line, address) => {
  expect(readClientIp(line, proxies)).toBe(address)
})

it.each([
  '',
  ',',
  ' ',
  '10.0.0.1',
  '10.0.0.1, fd00::1',
  '203.0.113.9, unknown',
  '203.0.113.9, ',
  ', 10.0.0.1',
  '203.0.113.9:4711',
  '[2001:db8::1]:80',
  '203.0.113.09',
  '0xcb.0.113.9',
  'fe80::1%eth0',
  '203.0.113.9, localhost, 10.0.0.1',
])('%j → absent: what is left of it was written by the client', (line) => {
  expect(readClientIp(line, proxies)).toBeUndefined()
})

it('gives up after more trusted proxies in a row than anybody has', () => {
  const trusted = createTrustedProxies(['10.0.0.0/8'])
  expect(readClientIp(`192.0.2.1${',10.0.0.1'.repeat(31)}`, trusted)).toBe('192.0.2.1')
  expect(readClientIp(`192.0.2.1${',10.0.0.1'.repeat(16_000)}`, trusted)).toBeUndefined()
})
