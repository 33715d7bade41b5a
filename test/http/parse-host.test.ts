import { expect, it } from 'vitest'
import { parseHost } from '../../src/http/parse-host.ts'
import { expectCode } from './expect-code.ts'

it.each([
  ['app.example.com', 'app.example.com', undefined],
  ['APP.Example.COM', 'app.example.com', undefined],
  ['app.example.com.', 'app.example.com', undefined],
  ['APP.example.com:8443', 'app.example.com', 8443],
  ['APP.example.com.:8443', 'app.example.com', 8443],
  ['localhost', 'localhost', undefined],
  ['a_b.example', 'a_b.example', undefined],
  ['xn--caf-dma.example', 'xn--caf-dma.example', undefined],
  ['192.0.2.1:80', '192.0.2.1', 80],
  ['app:1', 'app', 1],
  ['app:65535', 'app', 65_535],
  ['[::1]', '[::1]', undefined],
  ['[2001:DB8::1]:8443', '[2001:db8::1]', 8443],
  ['[2001:0db8:0:0:0:0:0:1]', '[2001:db8::1]', undefined],
])('reads %s', (text, host, port) => {
  expect(parseHost(text)).toEqual({ host, port })
})

it.each([
  '',
  '.',
  '..',
  '.app',
  'app..',
  'a..b',
  'app.:',
  'app:',
  'app:0',
  'app:65536',
  'app:99999',
  'app:0x1bb',
  'app:+80',
  'app:8 0',
  'app:80:80',
  ':80',
  'a,b',
  'a b',
  'user@app',
  'app/x',
  'app?x',
  'app#x',
  'app\\x',
  'a%00b',
  'a%2eb',
  'caf\u00e9.example',
  'a\u0000b',
  'a*b',
  '*.example.com',
  '::1',
  '[::1',
  '[::1]x',
  '[::1]:',
  '[::1]:0',
  '[fe80::1%25eth0]',
  '[fe80::1%eth0]',
  '[127.0.0.1]',
  '[]',
  '[x]',
  'a'.repeat(256),
])('refuses %j', (text) => {
  const error = expectCode(() => parseHost(text), 'FORWARDED_HOST_INVALID')
  expect(error.message).toContain('X-Forwarded-Host')
})
