import { describe, expect, it } from 'vitest'
import { parseAuthorities } from '../../src/auth/parse-authorities.ts'
import { parseRevocationLists } from '../../src/auth/parse-revocation-lists.ts'
import {
  basicConstraints,
  der,
  extension,
  integer,
  type Issued,
  keyUsage,
  makeAuthority,
  makeCertificate,
  makeKeys,
  makeList,
  NOW_MS,
  nameOf,
  seq,
  toPem,
} from './make-authority.ts'
import { openCertificates } from './open-certificates.ts'

const root = makeAuthority()
const middle = makeAuthority('Middle', { issuer: root, serial: '0a01' })
const leaf = makeCertificate({ issuer: root, serial: '00ff' })
const REVOKED = 'CERTIFICATE_REVOKED'
const UNKNOWN = 'CERTIFICATE_STATUS_UNKNOWN'
const HOUR_MS = 3_600_000

const ask = (crl: string, certificates: readonly Issued[] = [leaf], ca = root.pem) =>
  openCertificates({ ca, crl }).ask(...certificates)

describe('a revocation list', () => {
  it('lets pass whom it does not name, and refuses whom it names', () => {
    expect(ask(makeList(root))).toBe('ann')
    expect(ask(makeList(root, { revoked: ['01', '0fff', '00ff00'] }))).toBe('ann')
    expect(ask(makeList(root, { revoked: ['01', '00ff'] }))).toBe(REVOKED)
    expect(ask(makeList(root) + makeList(root, { revoked: ['00ff'] }))).toBe(REVOKED)
  })

  it('holds for the authorities between too, each of which needs one', () => {
    const below = [makeCertificate({ issuer: middle }), middle]
    expect(ask(makeList(root) + makeList(middle), below)).toBe('ann')
    expect(ask(makeList(root, { revoked: ['0a01'] }) + makeList(middle), below)).toBe(REVOKED)
    expect(ask(makeList(root), below)).toBe(UNKNOWN)
    expect(ask(makeList(middle), below)).toBe(UNKNOWN)
  })

  it('holds for an authority of the file whose issuer is in the file', () => {
    const below = [makeCertificate({ issuer: middle })]
    const lists = makeList(root, { revoked: ['0a01'] }) + makeList(middle)
    expect(ask(lists, below, middle.pem + root.pem)).toBe(REVOKED)
  })

  it.each([
    ['of another authority', makeList(makeAuthority('Other'))],
    ['of the same name and another key', makeList(makeAuthority())],
    ['signed by the caller', makeList({ keys: leaf.keys, name: root.name })],
    ['of another name and the same key', makeList(root, { name: nameOf(['2.5.4.3', 'Other']) })],
    ['out of date', makeList(root, { untilMs: NOW_MS })],
    ['that is not valid yet', makeList(root, { fromMs: NOW_MS + 1000 })],
  ])('%s says nothing', (_, crl) => {
    expect(ask(crl)).toBe(UNKNOWN)
  })

  it('says nothing where its issuer may not sign lists', () => {
    const authority = makeAuthority('Root', { extensions: [basicConstraints(true), keyUsage(5)] })
    expect(ask(makeList(authority), [makeCertificate({ issuer: authority })], authority.pem)).toBe(UNKNOWN)
  })

  it('says nothing with a broken signature', () => {
    const bytes = Buffer.from(makeList(root).replaceAll(/-----[^-]+-----|\n/g, ''), 'base64')
    bytes[bytes.length - 3] = 255 - (bytes.at(-3) ?? 0)
    expect(ask(toPem('X509 CRL', bytes))).toBe(UNKNOWN)
  })

  it('is followed: who is revoked is refused at once, though known before, and out of date it is 503', () => {
    const bed = openCertificates({ ca: root.pem, crl: makeList(root) })
    expect(bed.ask(leaf)).toBe('ann')
    bed.edit({ crl: makeList(root, { revoked: ['00ff'] }) })
    expect(bed.ask(leaf)).toBe(REVOKED)
    bed.edit({ crl: makeList(root, { untilMs: NOW_MS + 60_000 }) })
    expect(bed.ask(leaf)).toBe('ann')
    bed.clock.nowMs = NOW_MS + 60_000
    expect(bed.ask(leaf)).toBe(UNKNOWN)
    bed.edit({ crl: makeList(root, { untilMs: NOW_MS + HOUR_MS }) })
    expect(bed.ask(leaf)).toBe('ann')
  })

  it('may hold many thousand entries', () => {
    const revoked = Array.from({ length: 20_000 }, (_, index) => `10${index.toString(16).padStart(6, '0')}00`)
    expect(ask(makeList(root, { revoked }))).toBe('ann')
    expect(ask(makeList(root, { revoked: [...revoked, '00ff'] }))).toBe(REVOKED)
  })
})

const critical = (id: string) => extension(id, seq(), true)
const plain = (id: string) => extension(id, seq())
const entry = (...extensions: Buffer[]) =>
  seq(integer('05'), der(0x17, Buffer.from('270101000000Z')), seq(...extensions))
const parse = (crl: string) => () => parseRevocationLists('crl.pem', crl)

describe('the file of revocation lists', () => {
  it.each([
    ['a delta list', makeList(root, { extensions: [critical('2.5.29.27')] })],
    ['a partial list', makeList(root, { extensions: [critical('2.5.29.28')] })],
    ['an indirect list', makeList(root, { revoked: [entry(critical('2.5.29.29'))] })],
    [
      'one of these without the mark of being critical: delta',
      makeList(root, { extensions: [plain('2.5.29.27')] }),
    ],
    ['partial', makeList(root, { extensions: [plain('2.5.29.28')] })],
    ['indirect', makeList(root, { revoked: [entry(plain('2.5.29.29'))] })],
    ['an unknown critical extension', makeList(root, { extensions: [critical('1.2.3')] })],
    ['a list without end', makeList(root, { untilMs: undefined })],
    ['a signature with SHA-1', makeList(root, { hash: 'sha1' })],
    ['an entry without a serial number', makeList(root, { revoked: [seq()] })],
    ['a certificate', root.pem],
    ['bytes that are no list', toPem('X509 CRL', Buffer.from('3003020101', 'hex'))],
    ['a list cut off', makeList(root).slice(0, -40)],
    ['nothing', 'no PEM at all'],
  ])('refuses %s', (_, crl) => {
    expect(parse(crl)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }))
  })

  it('takes reasons and other extensions that are not critical', () => {
    const reason = extension('2.5.29.21', der(0x0a, Buffer.from([1])))
    const [list] = parse(
      makeList(root, { revoked: [entry(reason)], extensions: [extension('2.5.29.20', integer('01'))] }),
    )()
    expect(list?.serialNumbers).toEqual(new Set(['05']))
  })

  it('names the row of what is wrong', () => {
    const text = `# lists\n${makeList(root)}${makeList(root, { extensions: [critical('2.5.29.27')] })}`
    const row = text.split('\n').findLastIndex((line) => line.startsWith('-----BEGIN')) + 1
    expect(parse(text)).toThrow(
      `crl.pem:${row}:1: this revocation list cannot be used: the extension 2.5.29.27`,
    )
  })
})

describe('the file of authorities', () => {
  const open = (ca: string) => () => parseAuthorities('ca.pem', ca)

  it('may have comments and several certificates', () => {
    expect(open(`# ours\n${root.pem}\n${middle.pem}`)().certificates).toHaveLength(2)
    expect(open(root.pem.replaceAll('\n', '\r\n'))().anchors.size).toBe(1)
  })

  it.each([
    ['a caller', leaf.pem],
    [
      'an authority that may not sign certificates',
      makeAuthority('Odd', { extensions: [basicConstraints(true), keyUsage(6)] }).pem,
    ],
    ['a private key', root.pem + makeKeys().privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()],
    ['a revocation list', makeList(root)],
    ['a certificate cut off', root.pem.slice(0, -40)],
    ['broken base64', root.pem.replace('M', '*')],
    ['bytes behind a certificate', toPem('CERTIFICATE', Buffer.concat([root.der, Buffer.from([0])]))],
    ['no certificate', 'nothing'],
  ])('refuses %s', (_, ca) => {
    expect(open(ca)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }))
  })

  it('names the row of what is wrong, and shows no key', () => {
    expect(open(`${root.pem}${leaf.pem}`)).toThrow(
      `ca.pem:${root.pem.split('\n').length}:1: this certificate cannot be used: not an authority`,
    )
    const key = makeKeys().privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    expect(open(key)).toThrow('ca.pem:1:1: a block "PRIVATE KEY" where CERTIFICATE is expected')
  })

  it('refuses authorities that have only issued each other', () => {
    const [one, two] = [makeKeys(), makeKeys()]
    const [oneName, twoName] = [nameOf(['2.5.4.3', 'One']), nameOf(['2.5.4.3', 'Two'])]
    const first = makeAuthority('One', { keys: one, issuer: { keys: two, name: twoName } })
    const second = makeAuthority('Two', { keys: two, issuer: { keys: one, name: oneName } })
    expect(open(first.pem + second.pem)).toThrow('have issued each other')
  })
})
