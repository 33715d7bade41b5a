import { createHash, X509Certificate } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createCertificateReader } from '../../src/auth/read-forwarded-certificate.ts'
import { makeAuthority, makeCertificate } from './make-authority.ts'

const [leaf, middle] = [makeCertificate(), makeAuthority('Middle')]
const [one, two] = [leaf.der.toString('base64'), middle.der.toString('base64')]
const HEADER = 'x-forwarded-tls-client-cert'

const traefik = (...lines: string[]) => createCertificateReader(HEADER)({ headers: { [HEADER]: lines } })
const standard = (certificate: string[], chain: string[] = []) =>
  createCertificateReader('client-cert')({
    headers: { 'client-cert': certificate, 'client-cert-chain': chain },
  })
const malformed = expect.objectContaining({ code: 'CERTIFICATE_MALFORMED' })

describe('the header of Traefik', () => {
  it('holds a certificate and its chain', () => {
    const found = traefik(`${one},${two}`)
    expect(found).toMatchObject({ leaf: leaf.der, chain: [middle.der] })
    expect(found?.thumbprint).toBe(createHash('sha256').update(leaf.der).digest('base64url'))
    const { fingerprint256 } = new X509Certificate(leaf.pem)
    expect(Buffer.from(found?.thumbprint ?? '', 'base64url').toString('hex')).toBe(
      fingerprint256.replaceAll(':', '').toLowerCase(),
    )
  })

  it('that is absent or empty holds none', () => {
    expect(createCertificateReader(HEADER)({ headers: {} })).toBeUndefined()
    expect(traefik()).toBeUndefined()
    expect(traefik('')).toBeUndefined()
  })

  it('has a digest of all that it holds', () => {
    const digests = [one, two, `${one},${two}`, `${two},${one}`].map((line) => traefik(line)?.digest)
    expect(new Set(digests).size).toBe(4)
    expect(traefik(one)?.digest).toBe(digests[0])
  })

  const short = Buffer.from('3003020101', 'hex')
  it.each([
    ['several lines', [one, two]],
    ['several empty lines', ['', '']],
    ['PEM', [leaf.pem.replaceAll('\n', '')]],
    ['escapes of a URL', [encodeURIComponent(one)]],
    ['a blank before it', [` ${one}`]],
    ['a blank behind a comma', [`${one}, ${two}`]],
    ['an empty element', [`${one},`]],
    ['only a comma', [',']],
    ['a tab in it', [`${one.slice(0, 8)}\t${one.slice(8)}`]],
    ['base64 for URLs', [Buffer.from([...short, 0xff, 0xff]).toString('base64url')]],
    ['no padding', [short.toString('base64').replace(/=+$/, '')]],
    ['bits beyond the end', [short.toString('base64').replace('E=', 'F=')]],
    ['more padding', [`${one}=`]],
    ['a byte behind the sequence', [Buffer.concat([leaf.der, Buffer.from([0])]).toString('base64')]],
    ['a byte too few', [leaf.der.subarray(0, -1).toString('base64')]],
    ['a length without end', [Buffer.from('3080020101 0000'.replace(' ', ''), 'hex').toString('base64')]],
    ['a length longer than need be', [Buffer.from('308103020101', 'hex').toString('base64')]],
    ['no sequence', [Buffer.from('020101', 'hex').toString('base64')]],
    ['no bytes', ['=']],
    ['eleven certificates', [Array<string>(11).fill(one).join(',')]],
    ['more than 64 KiB', ['A'.repeat(65_540)]],
    ['a byte sequence of RFC 9440', [`:${one}:`]],
    ['the text of -Info', ['Subject%3D%22CN%3Dann%22']],
  ])('is refused with %s', (_, lines) => {
    expect(() => traefik(...lines)).toThrow(malformed)
  })
})

describe('Client-Cert', () => {
  it('holds a certificate, and Client-Cert-Chain the chain', () => {
    expect(standard([`:${one}:`])).toMatchObject({ leaf: leaf.der, chain: [] })
    expect(standard([`:${one}:`], [`:${two}:, :${one}:`])).toMatchObject({ chain: [middle.der, leaf.der] })
    expect(standard([`:${one}:`], [`:${two}:,:${one}:`])).toMatchObject({ chain: [middle.der, leaf.der] })
    expect(standard([])).toBeUndefined()
  })

  it('tells chains apart by its digest', () => {
    const digests = [[], [`:${two}:`], [`:${one}:`]].map((chain) => standard([`:${one}:`], chain)?.digest)
    expect(new Set(digests).size).toBe(3)
  })

  it.each([
    ['bare base64', [one], []],
    ['a list', [`:${one}:, :${two}:`], []],
    ['parameters', [`:${one}:;a=1`], []],
    ['nothing between the colons', ['::'], []],
    ['an open end', [`:${one}`], []],
    ['several lines', [`:${one}:`, `:${two}:`], []],
    ['several lines of the chain', [`:${one}:`], [`:${two}:`, `:${two}:`]],
    ['a chain alone', [], [`:${two}:`]],
    ['an empty element in the chain', [`:${one}:`], [`:${two}:,`]],
    ['eleven in the chain', [`:${one}:`], [Array<string>(11).fill(`:${two}:`).join(', ')]],
    ['a blank in the base64', [`: ${one}:`], []],
  ])('is refused with %s', (_, certificate, chain) => {
    expect(() => standard(certificate, chain)).toThrow(malformed)
  })
})
