import { describe, expect, it } from 'vitest'
import type { CertificateSubject } from '../../src/auth/authentication-options.ts'
import {
  alternativeNames,
  CLIENT,
  der,
  directory,
  dns,
  email,
  extendedKeyUsage,
  extension,
  integer,
  ip,
  makeAuthority,
  makeCertificate,
  NOW_MS,
  nameOf,
  otherName,
  seq,
  uri,
} from './make-authority.ts'
import { openCertificates } from './open-certificates.ts'

const root = makeAuthority(nameOf(['2.5.4.6', 'DE'], ['2.5.4.10', 'Example'], ['2.5.4.3', 'Root']))
const MALFORMED = 'CERTIFICATE_MALFORMED'
const [CN, O, OU] = ['2.5.4.3', '2.5.4.10', '2.5.4.11']
const utf8 = (text: string) => der(0x0c, Buffer.from(text))

/** The subject by one of the settings, or the code of the refusal. */
async function name(
  subject: Buffer,
  kind: CertificateSubject = 'cn',
  ...alternatives: Buffer[]
): Promise<string> {
  const extensions = alternatives.length === 0 ? [] : [alternativeNames(...alternatives)]
  return openCertificates({ ca: root.pem }, kind).ask(makeCertificate({ issuer: root, subject, extensions }))
}

describe('the identity of a certificate', () => {
  it('has its names, numbers and times, and what the table of users says', () => {
    const users = 'ann: { roles: [admin], groups: [it], email: ann@example.com, name: Ann }'
    const bed = openCertificates({ ca: root.pem, users })
    const leaf = makeCertificate({
      issuer: root,
      serial: '0c0ffee0',
      subject: nameOf([O, 'Example'], [OU, 'it'], [OU, 'dev'], [CN, 'ann'], ['1.2.3.4', 'odd']),
      extensions: [
        extendedKeyUsage(CLIENT),
        alternativeNames(
          dns('a.example'),
          email('a@b.example'),
          uri('spiffe://x/y'),
          ip(10, 0, 0, 1),
          ip(32, 1, 13, 184, ...Array<number>(11).fill(0), 1),
          otherName(),
          directory(nameOf([CN, 'x'])),
        ),
      ],
    })
    const { answer, facts } = bed.show(leaf)
    const fingerprint = answer.identity.certificate?.fingerprint
    expect(fingerprint).toMatch(/^[0-9a-f]{64}$/)
    expect(answer.identity).toEqual({
      subject: 'ann',
      roles: ['admin'],
      groups: ['it'],
      scopes: [],
      email: 'ann@example.com',
      name: 'Ann',
      claims: {},
      authenticatedBy: 'certificate',
      certificate: {
        subject: { O: ['Example'], OU: ['it', 'dev'], CN: ['ann'], '1.2.3.4': ['odd'] },
        issuer: { C: ['DE'], O: ['Example'], CN: ['Root'] },
        serialNumber: '0C0FFEE0',
        fingerprint,
        notBefore: NOW_MS / 1000 - 3600,
        notAfter: NOW_MS / 1000 + 3600,
        dnsNames: ['a.example'],
        emails: ['a@b.example'],
        uris: ['spiffe://x/y'],
        ipAddresses: ['10.0.0.1', '2001:db8::1'],
      },
    })
    expect(facts).toEqual({ keyId: fingerprint, tokenId: '0C0FFEE0', issuedAtMs: NOW_MS - 3_600_000 })
  })

  it('cannot be changed, and its maps inherit nothing', () => {
    const { answer } = openCertificates({ ca: root.pem }).show(makeCertificate({ issuer: root }))
    const { identity } = answer
    for (const part of [
      answer,
      identity,
      identity.claims,
      identity.roles,
      identity.certificate,
      identity.certificate?.subject,
      identity.certificate?.subject['CN'],
      identity.certificate?.dnsNames,
    ])
      expect(Object.isFrozen(part)).toBe(true)
    expect(identity.certificate?.subject['constructor']).toBeUndefined()
    expect(identity.claims['constructor']).toBeUndefined()
  })

  it('of whom the table does not know has no roles', () => {
    const bed = openCertificates({
      ca: root.pem,
      users: 'bob: { roles: [admin] }\n__proto__: { roles: [admin] }',
    })
    for (const subject of ['ann', 'constructor', 'Bob', 'bob '])
      expect(bed.show(makeCertificate({ issuer: root, subject })).answer.identity.roles).toEqual([])
  })
})

describe('the subject', () => {
  it.each([
    ['the only common name', nameOf([O, 'x'], [CN, 'ann']), 'cn', [], 'ann'],
    [
      'the only mail address',
      nameOf([CN, 'ann']),
      'email',
      [email('a@b.example'), dns('x.example')],
      'a@b.example',
    ],
    ['the only URI', nameOf([CN, 'ann']), 'uri', [uri('spiffe://x/y')], 'spiffe://x/y'],
    ['the only host', nameOf([CN, 'ann']), 'dns', [dns('x.example')], 'x.example'],
    [
      'the whole name',
      nameOf(['2.5.4.6', 'DE'], [O, 'Ex, "Co"'], [CN, 'ann']),
      'dn',
      [],
      'CN=ann,O=Ex\\, \\"Co\\",C=DE',
    ],
  ] as const)('is %s', async (_, subject, kind, alternatives, expected) => {
    expect(await name(subject, kind, ...alternatives)).toBe(expected)
  })

  it.each([
    ['no common name', nameOf([O, 'x']), 'cn', []],
    ['two common names', nameOf([CN, 'ann'], [CN, 'bob']), 'cn', []],
    [
      'two common names in one set',
      nameOf([
        [CN, 'ann'],
        [CN, 'bob'],
      ]),
      'cn',
      [],
    ],
    ['no name at all', nameOf(), 'dn', []],
    ['no mail address but one in the subject', nameOf(['1.2.840.113549.1.9.1', 'a@b.example']), 'email', []],
    ['two mail addresses', nameOf([CN, 'x']), 'email', [email('a@b.example'), email('c@b.example')]],
    ['an empty mail address', nameOf([CN, 'x']), 'email', [email('')]],
    ['a NUL in a host', nameOf([CN, 'x']), 'dns', [dns('ann.example\0.evil.example')]],
    ['a line feed in a URI', nameOf([CN, 'x']), 'uri', [uri('spiffe://x\n')]],
    ['Latin-1 in a mail address', nameOf([CN, 'x']), 'email', [email('é@b.example')]],
    ['an address of five octets', nameOf([CN, 'x']), 'cn', [ip(1, 2, 3, 4, 5)]],
  ] as const)('is refused with %s', async (_, subject, kind, alternatives) => {
    expect(await name(subject, kind, ...alternatives)).toBe(MALFORMED)
  })

  it.each([
    ['an empty text', utf8('')],
    ['NUL', utf8('ann\0bob')],
    ['a line feed', utf8('ann\n')],
    ['C1 controls', utf8('ann\u0085')],
    ['broken UTF-8', der(0x0c, Buffer.from([0x61, 0xff]))],
    ['an overlong form', der(0x0c, Buffer.from([0xc1, 0xa1]))],
    ['a surrogate', der(0x0c, Buffer.from([0xed, 0xa0, 0x80]))],
    ['a lone surrogate of UTF-16', der(0x1e, Buffer.from([0xd8, 0x00]))],
    ['half a character', der(0x1e, Buffer.from([0x00, 0x61, 0x00]))],
    ['T.61 beyond ASCII', der(0x14, Buffer.from([0x61, 0xe9]))],
    ['Latin-1 as printable', der(0x13, Buffer.from([0x61, 0xe9]))],
    ['a text of pieces', der(0x2c, utf8('ann'))],
    ['a number', integer('01')],
  ])('is refused with %s in it, or anywhere else in the name', async (_, value) => {
    expect(await name(nameOf([CN, value]))).toBe(MALFORMED)
    expect(await name(nameOf([OU, value], [CN, 'ann']))).toBe(MALFORMED)
  })

  it('is read in each text form', async () => {
    const utf16 = der(0x1e, Buffer.from([0, 0x61, 0, 0xe9, 0x20, 0xac]))
    expect(await name(nameOf([CN, utf16]))).toBe('aé€')
    for (const tag of [0x0c, 0x12, 0x13, 0x14, 0x16])
      expect(await name(nameOf([CN, der(tag, Buffer.from('ann'))]))).toBe('ann')
    expect(await name(nameOf([CN, utf8('\ufeffann')]))).toBe('\ufeffann')
  })

  it('as a whole name differs for names that differ', async () => {
    const names = [
      nameOf([O, 'x'], [CN, 'ann']),
      nameOf([
        [O, 'x'],
        [CN, 'ann'],
      ]),
      nameOf([CN, 'ann'], [O, 'x']),
      nameOf([CN, 'ann,O=x']),
      nameOf([CN, 'ann+O=x']),
      nameOf([CN, 'ann\\,O=x']),
      nameOf([O, ' x'], [CN, 'ann']),
      nameOf([O, 'x '], [CN, 'ann']),
      nameOf([O, '#x'], [CN, 'ann']),
      nameOf(['1.2.3', 'x'], [CN, 'ann']),
    ]
    const texts = await Promise.all(names.map((each) => name(each, 'dn')))
    expect(texts).not.toContain(MALFORMED)
    expect(new Set(texts).size).toBe(names.length)
  })
})

describe('a certificate that is made to cost time', () => {
  const units = (count: number) => Array.from({ length: count }, (_, index) => [OU, `u${index}`] as const)
  const hosts = (count: number) => Array.from({ length: count }, (_, index) => dns(`h${index}.example`))
  const extras = (count: number) =>
    Array.from({ length: count }, (_, index) => extension(`1.2.3.${index}`, Buffer.alloc(1)))
  const show = (extensions: readonly Buffer[]) =>
    openCertificates({ ca: root.pem }).ask(makeCertificate({ issuer: root, extensions }))
  /** Of one number with so many octets. */
  const longId = (octets: number) =>
    seq(der(0x06, Buffer.from([...Array<number>(octets - 1).fill(0xff), 1])), der(0x04))

  it('by many names or extensions is malformed, and one with a great many of them is not', async () => {
    expect(await name(nameOf(...units(63), [CN, 'ann']))).toBe('ann')
    expect(await name(nameOf(...units(64), [CN, 'ann']))).toBe(MALFORMED)
    expect(await name(nameOf([...units(64), [CN, 'ann']]))).toBe(MALFORMED)
    expect(await name(nameOf([CN, 'ann']), 'cn', ...hosts(1000))).toBe('ann')
    expect(await name(nameOf([CN, 'ann']), 'cn', ...hosts(1001))).toBe(MALFORMED)
    expect(show(extras(64))).toBe('ann')
    expect(show(extras(65))).toBe(MALFORMED)
  })

  it('by a number of thousands of digits is malformed', () => {
    expect(show([longId(64)])).toBe('ann')
    for (const octets of [65, 20_000]) expect(show([longId(octets)])).toBe(MALFORMED)
  })
})

describe('a certificate that was verified', () => {
  it('is the same the next time', () => {
    const bed = openCertificates({ ca: root.pem })
    const leaf = makeCertificate({ issuer: root })
    const first = bed.show(leaf)
    expect(first.answer.identity.subject).toBe('ann')
    expect(bed.show(leaf)).toBe(first)
  })

  it('is verified again after each edit of a file', () => {
    const bed = openCertificates({ ca: root.pem, users: 'ann: { roles: [viewer] }' })
    const leaf = makeCertificate({ issuer: root })
    const rolesOf = () => bed.show(leaf).answer.identity.roles
    expect(rolesOf()).toEqual(['viewer'])
    bed.edit({ users: 'ann: { roles: [admin] }' })
    expect(rolesOf()).toEqual(['admin'])
    bed.edit({ ca: makeAuthority('Other').pem })
    expect(bed.ask(leaf)).toBe('CERTIFICATE_UNTRUSTED')
    bed.edit({ ca: root.pem })
    expect(rolesOf()).toEqual(['admin'])
  })

  it('is refused once it has expired, or an authority of its path has, and where the clock is set back before it', () => {
    const middle = makeAuthority('Middle', { issuer: root, untilMs: NOW_MS + 60_000 })
    const bed = openCertificates({ ca: root.pem })
    const leaf = makeCertificate({ issuer: middle })
    expect(bed.ask(leaf, middle)).toBe('ann')
    bed.clock.nowMs = NOW_MS + 60_001
    expect(bed.ask(leaf, middle)).toBe('CERTIFICATE_EXPIRED')
    const young = makeCertificate({ issuer: root, fromMs: NOW_MS })
    expect(bed.ask(young)).toBe('ann')
    bed.clock.nowMs = NOW_MS - 1000
    expect(bed.ask(young)).toBe('CERTIFICATE_EXPIRED')
  })

  it('answers for no other chain, and a refusal is not kept for long', () => {
    const middle = makeAuthority('Middle', { issuer: root })
    const bed = openCertificates({ ca: root.pem })
    const leaf = makeCertificate({ issuer: middle, fromMs: NOW_MS + 3000 })
    expect(bed.ask(leaf)).toBe('CERTIFICATE_UNTRUSTED')
    expect(bed.ask(leaf, middle)).toBe('CERTIFICATE_EXPIRED')
    bed.clock.nowMs = NOW_MS + 6000
    expect(bed.ask(leaf, middle)).toBe('ann')
    expect(bed.ask(leaf)).toBe('CERTIFICATE_UNTRUSTED')
  })
})
