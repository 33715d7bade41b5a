import { describe, expect, it } from 'vitest'
import {
  alternativeNames,
  CLIENT,
  dns,
  email,
  extendedKeyUsage,
  keyUsage,
  makeAuthority,
  makeCertificate,
  makeList,
  nameOf,
  signAgain,
} from './make-authority.ts'
import { openCertificates } from './open-certificates.ts'

const root = makeAuthority()
const middle = makeAuthority('Middle', { issuer: root })
const leaf = makeCertificate({
  issuer: middle,
  subject: nameOf(['2.5.4.10', 'Example'], ['2.5.4.3', 'ann']),
  extensions: [
    keyUsage(0),
    extendedKeyUsage(CLIENT),
    alternativeNames(dns('a.example'), email('a@b.example')),
  ],
})
const CODES = new Set(['CERTIFICATE_MALFORMED', 'CERTIFICATE_UNTRUSTED'])

/** The same numbers in each run. */
function createRandom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state * 48_271) % 2_147_483_647
    return state % below
  }
}

describe('a certificate of which a byte is another', () => {
  const bed = openCertificates({ ca: root.pem, crl: makeList(root) + makeList(middle) })
  const askBytes = (bytes: Buffer) => bed.ask(bytes, middle)

  it('is refused with one of two codes, wherever the byte is', () => {
    expect(bed.ask(leaf, middle)).toBe('ann')
    for (let at = 0; at < leaf.der.length; at += 1)
      for (const change of [1, 0x80, 0xff]) {
        const bytes = Buffer.from(leaf.der)
        bytes[at] = ((bytes[at] ?? 0) + change) % 256
        const answer = askBytes(bytes)
        if (!CODES.has(answer)) expect([at, change, answer]).toEqual([])
      }
  })

  it('is refused where bytes are missing, doubled or put in', () => {
    const random = createRandom(7)
    for (let round = 0; round < 1500; round += 1) {
      const [at, length] = [random(leaf.der.length), 1 + random(20)]
      const [head, tail] = [leaf.der.subarray(0, at), leaf.der.subarray(at)]
      const middleBytes = round % 2 === 0 ? tail.subarray(0, length) : Buffer.from([random(256)])
      const bytes =
        round % 3 === 0
          ? Buffer.concat([head, tail.subarray(length)])
          : Buffer.concat([head, middleBytes, tail])
      const answer = askBytes(withLength(bytes))
      if (!CODES.has(answer)) expect([round, answer]).toEqual([])
    }
  })

  it('is refused where it is an authority of the chain', () => {
    for (let at = 0; at < middle.der.length; at += 1) {
      const bytes = Buffer.from(middle.der)
      bytes[at] = ((bytes[at] ?? 0) + 1) % 256
      const answer = bed.ask(leaf, bytes)
      if (!CODES.has(answer)) expect([at, answer]).toEqual([])
    }
  })
})

/** With the outer length that the bytes have, so that it is not all that is wrong. */
function withLength(bytes: Buffer): Buffer {
  const length = bytes.length - 4
  if (length > 255) bytes.writeUInt16BE(length, 2)
  return bytes
}

describe('a certificate that an authority has signed with whatever in it', () => {
  it('ends in an answer with a plain subject, or in a code', () => {
    const bed = openCertificates({ ca: root.pem })
    const own = makeCertificate({
      issuer: root,
      subject: nameOf(['2.5.4.10', 'Example'], ['2.5.4.3', 'ann']),
      extensions: [keyUsage(0), extendedKeyUsage(CLIENT), alternativeNames(dns('a.example'))],
    })
    const random = createRandom(11)
    const answers = new Set<string>()
    for (let round = 0; round < 1200; round += 1) {
      const bytes = Buffer.from(own.der)
      const at = 8 + random(bytes.readUInt16BE(6))
      bytes[at] = random(256)
      const answer = bed.ask(signAgain(bytes, root))
      answers.add(answer)
      expect(answer).toMatch(/^(?:CERTIFICATE_(?:MALFORMED|UNTRUSTED|EXPIRED)|\P{Cc}+)$/u)
      expect(answer).not.toContain('unforeseen')
    }
    expect(answers).toContain('CERTIFICATE_MALFORMED')
    expect(answers).toContain('ann')
  })
})
