import { createHash } from 'node:crypto'
import type { Credentials } from '../decision/access-request.ts'
import { RegateError } from '../errors.ts'
import type { CertificateHeader } from './authentication-options.ts'

/** What a proxy says that a client has shown in its TLS handshake, with the key to it. Nothing here is verified. */
export interface ForwardedCertificate {
  /** DER. */
  readonly leaf: Buffer
  /** DER, as the client sent them. */
  readonly chain: readonly Buffer[]
  /** `x5t#S256` of the leaf (RFC 8705 §3.1). */
  readonly thumbprint: string
  /** Of all that was forwarded, for caches. */
  readonly digest: string
}

const MOST_CERTIFICATES = 10
const MOST_CHARACTERS = 65_536
const CHAIN_HEADER = 'client-cert-chain'

/**
 * Reads the certificate from the header that the proxy writes: `x-forwarded-tls-client-cert` as Traefik does (base64 of DER, the
 * leaf first, joined by commas), or `client-cert` with `client-cert-chain` by RFC 9440 §2. Undefined where the header is absent
 * or empty; throws `CERTIFICATE_MALFORMED` for everything but the exact form, which has one spelling.
 */
export function createCertificateReader(header: CertificateHeader) {
  const read = header === 'client-cert' ? readByteSequences : readList
  return function readCertificate({
    headers,
  }: Pick<Credentials, 'headers'>): ForwardedCertificate | undefined {
    const line = oneLine(headers[header])
    const chainLine = header === 'client-cert' ? oneLine(headers[CHAIN_HEADER]) : ''
    if (line === '' && chainLine === '') return undefined
    const [leaf, ...chain] = read(line, chainLine).map(decode)
    if (leaf === undefined) throw malformed('a chain without a certificate')
    const digest = hash(`${line} ${chainLine}`)
    return { leaf, chain, thumbprint: hash(leaf), digest }
  }
}

function oneLine(lines: readonly string[] = []): string {
  if (lines.length > 1) throw malformed('several lines')
  const [line = ''] = lines
  if (line.length > MOST_CHARACTERS) throw malformed('too long')
  return line
}

function readList(line: string): readonly string[] {
  return split(line)
}

/** An item and a list of byte sequences (RFC 8941 §3.3.5), without parameters. */
function readByteSequences(line: string, chainLine: string): readonly string[] {
  const items = [line, ...(chainLine === '' ? [] : split(chainLine).map((item) => item.replace(/^ /, '')))]
  return items.map((item) => {
    if (!/^:[^:]*:$/.test(item)) throw malformed('not a byte sequence')
    return item.slice(1, -1)
  })
}

function split(text: string): readonly string[] {
  const parts = text.split(',', MOST_CERTIFICATES + 1)
  if (parts.length > MOST_CERTIFICATES) throw malformed(`more than ${MOST_CERTIFICATES} certificates`)
  return parts
}

function decode(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64')
  if (bytes.toString('base64') !== text) throw malformed('not canonical base64')
  if (!isOneSequence(bytes)) throw malformed('not one DER sequence')
  return bytes
}

/** Whether the bytes are one SEQUENCE of definite and shortest length (X.690 §10.1), with nothing behind it. */
function isOneSequence(bytes: Buffer): boolean {
  const [tag, first = 0] = bytes
  if (tag !== 0x30) return false
  if (first < 0x80) return bytes.length === 2 + first
  const octets = first - 0x80
  if (octets < 1 || octets > 2 || bytes.length < 2 + octets) return false
  const length = bytes.readUIntBE(2, octets)
  return length >= (octets === 1 ? 0x80 : 0x100) && bytes.length === 2 + octets + length
}

function hash(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('base64url')
}

function malformed(reason: string): RegateError {
  return new RegateError('CERTIFICATE_MALFORMED', `the forwarded certificate: ${reason}`)
}
