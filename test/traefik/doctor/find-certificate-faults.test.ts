import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { examineTraefik } from '../../../src/traefik/doctor/examine-traefik.ts'
import { type ApiDocuments, parseTraefikState } from '../../../src/traefik/doctor/parse-traefik-state.ts'
import { makeApp } from '../guarded-apps.ts'
import { makeFind } from './make-generation.ts'

/** What the API of a real Traefik 3.7.15 answered, with the static file and the dynamic one that stand beside it. */
const captured = JSON.parse(
  readFileSync(new URL('fixtures/traefik-3.7.15-certificates.json', import.meta.url), 'utf8'),
) as ApiDocuments

const apps = [makeApp('myapp')]

function examine(header?: string, documents: ApiDocuments = captured) {
  const result = examineTraefik(parseTraefikState(documents), {
    address: 'http://127.0.0.1:4182',
    probes: new Map([['http://127.0.0.1:4182/auth', { kind: 'regate', code: 'FORWARDED_HEADER_MISSING' }]]),
    apps,
    find: makeFind(apps),
    identityNames: ['X-User-ID', 'X-User-Roles'],
    certificates: header === undefined ? undefined : { header },
  })
  const codesOf = (name: string) =>
    result.findings
      .filter(({ subject }) => subject === `${name}@file`)
      .map(({ code, severity }) => `${severity} ${code}`)
  return { ...result, codesOf }
}

describe('a certificate that Traefik takes from the handshake', () => {
  const result = examine('x-forwarded-tls-client-cert')

  it.each<readonly [string, readonly string[]]>([
    // The chain that is generated, on every entry point, with TLS and without.
    ['good', []],
    ['good-plain', []],
    ['ask-regate-myapp', []],
    ['lower-case', []],
    ['without-entry-points-that-believe', []],
    ['insecure', ['error CERTIFICATE_FORGEABLE']],
    ['trusting', ['error CERTIFICATE_FORGEABLE']],
    ['plain', ['error CERTIFICATE_FORGEABLE']],
    ['cleared-late', ['error CERTIFICATE_FORGEABLE']],
    ['info-cleared', ['error CERTIFICATE_FORGEABLE']],
    ['answer-cleared', ['error CERTIFICATE_FORGEABLE']],
    ['written', ['error CERTIFICATE_FORGEABLE', 'error REWRITTEN_FIRST']],
    ['more-cleared', ['error REWRITTEN_FIRST']],
    ['believing-plain', ['error CERTIFICATE_FORGEABLE']],
    ['believing', ['error FORWARD_HEADER_TRUSTED', 'error REQUEST_HEADERS_LIMITED']],
    ['named-plain', ['error CERTIFICATE_FORGEABLE']],
    ['named', ['error REQUEST_HEADERS_LIMITED']],
    // Nobody forges what never arrives.
    ['dropping', ['warning CERTIFICATE_DROPPED']],
    ['limited', ['error REQUEST_HEADERS_LIMITED', 'warning CERTIFICATE_DROPPED']],
    ['unfilled', ['note CERTIFICATE_DROPPED']],
    ['info', ['note CERTIFICATE_DROPPED']],
    ['filled-late', ['warning CERTIFICATE_DROPPED']],
    ['filled-first', ['warning CERTIFICATE_DROPPED']],
  ])('%s: %j', (name, codes) => {
    expect(result.codesOf(name)).toEqual(codes)
  })

  it('is said to be dropped where it is, once, and with what would be right', () => {
    const found = result.findings.filter(({ message }) => message.includes('no certificate ever arrives'))
    expect(found.map(({ subject }) => subject).toSorted()).toEqual(
      ['dropping', 'filled-first', 'filled-late', 'limited'].map((name) => `${name}@file`),
    )
    for (const { mend } of found) expect(mend.length).toBeGreaterThan(10)
  })

  it('is never said to be asked for: the API does not show TLS options', () => {
    expect(result.notVisible).toContain('whether the TLS options of a router ask clients for certificates')
  })

  it('is not to be had by trustForwardHeader: false, which no finding proposes', () => {
    expect(result.findings.map(({ mend }) => mend).join()).not.toContain('trustForwardHeader: false')
  })
})

describe('a certificate in Client-Cert', () => {
  const result = examine('client-cert')

  it('is forgeable on every router that asks Regate, since Traefik lets clients write it', () => {
    for (const name of ['good', 'good-plain', 'unfilled', 'dropping'])
      expect(result.codesOf(name)).toContain('error CERTIFICATE_FORGEABLE')
  })

  it('is never there where the header is emptied, or not passed on', () => {
    expect(result.codesOf('client-cert-cleared')).toEqual(['warning CERTIFICATE_DROPPED'])
    expect(result.codesOf('limited')).toEqual([
      'error REQUEST_HEADERS_LIMITED',
      'warning CERTIFICATE_DROPPED',
    ])
  })
})

it('says nothing of certificates where none are taken', () => {
  const { findings, notVisible, codesOf } = examine()
  expect(findings.filter(({ code }) => code.startsWith('CERTIFICATE'))).toEqual([])
  expect(notVisible.join()).not.toContain('certificates')
  // It takes from clients what nobody else should write.
  expect(codesOf('good')).toEqual([])
})

it('cannot tell whom entry points believe that the API does not show, and says so', () => {
  const { entrypoints: _, ...hidden } = captured
  const { codesOf, notVisible } = examine('X-Forwarded-Tls-Client-Cert', hidden)
  expect(codesOf('insecure')).toEqual([])
  expect(notVisible.join()).toContain('forwardedHeaders')
})
