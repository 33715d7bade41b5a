import { describe, expect, it } from 'vitest'
import { checkFoundAddress } from '../../src/auth/check-found-address.ts'

const check = (text: string, configured = 'https://id.example.com/realm') =>
  checkFoundAddress(text, { configured, allowHttp: false }).href

describe('an address that a document names', () => {
  it.each([
    'https://10.0.0.1/jwks',
    'https://172.31.255.255/',
    'https://192.168.1.1/',
    'https://169.254.169.254/latest',
    'https://100.64.0.1/',
    'https://127.0.0.1/',
    'http://127.0.0.1/',
    'https://0x7f.1/',
    'https://2130706433/',
    'https://0.0.0.0/',
    'https://[::1]/',
    'https://[::]/',
    'https://[::ffff:10.0.0.1]/',
    'https://[64:ff9b::a00:1]/',
    'https://[fd00::1]/',
    'https://[fe80::1]/',
    'https://localhost/',
    'https://localhost./',
    'https://LOCALHOST/',
    'https://a.localhost/',
    'https://metadata.google.internal/',
    'https://printer.local/',
  ])('is refused where it is private and the configured one is not: %s', (text) => {
    expect(() => check(text)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }))
  })

  it.each([
    'https://keys.example.com/jwks',
    'https://id.example.com:8443/jwks',
    'https://192.0.2.1/',
    'https://172.32.0.1/',
    'https://100.128.0.1/',
    'https://[2001:db8::1]/',
    'https://[::ffff:192.0.2.1]/',
    'https://notlocalhost/',
    'https://internal.example.com/',
  ])('is good where it is public: %s', (text) => {
    expect(check(text)).toBeTypeOf('string')
  })

  it.each([
    ['https://10.0.0.7/jwks', 'https://10.0.0.7:8443'],
    ['https://10.0.0.8/jwks', 'https://10.0.0.7'],
    ['http://127.0.0.1:9/jwks', 'http://localhost:9'],
    ['https://keys.corp.internal/', 'https://id.corp.internal'],
  ])('may be private where the configured one is private: %s of %s', (text, configured) => {
    expect(check(text, configured)).toBeTypeOf('string')
  })

  it('still needs TLS', () => {
    expect(() => check('http://192.0.2.1/', 'http://10.0.0.1')).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }),
    )
  })
})
