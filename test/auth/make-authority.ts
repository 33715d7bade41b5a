import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'

/** Where the tests' clock stands. */
export const NOW_MS = Date.parse('2027-03-01T12:00:00Z')
const DAY_MS = 86_400_000

export interface Keys {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

export interface Issued {
  readonly der: Buffer
  readonly pem: string
  readonly keys: Keys
  readonly name: Buffer
}

interface CertificateOptions {
  /** A common name, or the DER of a name. Default: `ann`. */
  readonly subject?: string | Buffer
  /** Default: itself. */
  readonly issuer?: Pick<Issued, 'keys' | 'name'>
  readonly keys?: Keys
  readonly serial?: string
  readonly fromMs?: number
  readonly untilMs?: number
  /** Instead of what such a certificate usually has. */
  readonly extensions?: readonly Buffer[]
  readonly hash?: string
}

export function makeKeys(): Keys {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' })
}

let serials = 0

/** A certificate of a caller, with an hour's validity to both sides; any of it can be otherwise. */
export function makeCertificate(options: CertificateOptions = {}): Issued {
  const keys = options.keys ?? makeKeys()
  const { subject = 'ann', hash = 'sha256' } = options
  const name = typeof subject === 'string' ? nameOf(['2.5.4.3', subject]) : subject
  const issuer = options.issuer ?? { keys, name }
  serials += 1
  const serial = options.serial ?? `10${serials.toString(16).padStart(6, '0')}`
  const extensions = options.extensions ?? [keyUsage(0), extendedKeyUsage(CLIENT)]
  const algorithm = algorithmOf(issuer.keys, hash)
  const body = seq(
    der(0xa0, integer('02')),
    integer(serial),
    algorithm,
    issuer.name,
    seq(time(options.fromMs ?? NOW_MS - DAY_MS / 24), time(options.untilMs ?? NOW_MS + DAY_MS / 24)),
    name,
    keys.publicKey.export({ type: 'spki', format: 'der' }),
    ...(extensions.length === 0 ? [] : [der(0xa3, seq(...extensions))]),
  )
  const whole = signed(body, issuer.keys, hash)
  return { der: whole, pem: toPem('CERTIFICATE', whole), keys, name }
}

/** An authority with a month's validity to both sides: a root, or below `issuer`. */
export function makeAuthority(subject: string | Buffer = 'Root', options: CertificateOptions = {}): Issued {
  return makeCertificate({
    subject,
    fromMs: NOW_MS - 30 * DAY_MS,
    untilMs: NOW_MS + 30 * DAY_MS,
    extensions: [basicConstraints(true), keyUsage(5, 6)],
    ...options,
  })
}

interface ListOptions {
  readonly revoked?: readonly (string | Buffer)[]
  readonly fromMs?: number
  readonly untilMs?: number | undefined
  readonly extensions?: readonly Buffer[]
  readonly hash?: string
  readonly name?: Buffer
}

/** A revocation list in PEM, with an hour's validity to both sides. An entry is a serial number, or the DER of one. */
export function makeList(issuer: Pick<Issued, 'keys' | 'name'>, options: ListOptions = {}): string {
  const { revoked = [], extensions = [], hash = 'sha256', fromMs = NOW_MS - DAY_MS / 24 } = options
  const untilMs = 'untilMs' in options ? options.untilMs : NOW_MS + DAY_MS / 24
  const entries = revoked.map((entry) =>
    typeof entry === 'string' ? seq(integer(entry), time(NOW_MS - DAY_MS)) : entry,
  )
  const body = seq(
    integer('01'),
    algorithmOf(issuer.keys, hash),
    options.name ?? issuer.name,
    time(fromMs),
    ...(untilMs === undefined ? [] : [time(untilMs)]),
    ...(entries.length === 0 ? [] : [seq(...entries)]),
    ...(extensions.length === 0 ? [] : [der(0xa0, seq(...extensions))]),
  )
  return toPem('X509 CRL', signed(body, issuer.keys, hash))
}

export function toPem(label: string, bytes: Buffer): string {
  return `-----BEGIN ${label}-----\n${bytes.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END ${label}-----\n`
}

export const CLIENT = '1.3.6.1.5.5.7.3.2'
export const SERVER = '1.3.6.1.5.5.7.3.1'
export const ANY = '2.5.29.37.0'

export function extension(id: string, value: Buffer, critical = false): Buffer {
  return seq(oid(id), ...(critical ? [der(0x01, Buffer.from([255]))] : []), der(0x04, value))
}

export function basicConstraints(authority: boolean, pathLength?: number): Buffer {
  const length = pathLength === undefined ? [] : [der(0x02, Buffer.from([pathLength]))]
  const flag = authority ? [der(0x01, Buffer.from([255]))] : []
  return extension('2.5.29.19', seq(...flag, ...length), true)
}

/** Bits by their numbers in RFC 5280 §4.2.1.3, up to 7. */
export function keyUsage(...bits: readonly number[]): Buffer {
  const octet = bits.reduce((sum, bit) => sum + 2 ** (7 - bit), 0)
  return extension('2.5.29.15', der(0x03, Buffer.from([0, octet])), true)
}

export function extendedKeyUsage(...ids: readonly string[]): Buffer {
  return extension('2.5.29.37', seq(...ids.map(oid)))
}

export const email = (text: string) => der(0x81, Buffer.from(text, 'latin1'))
export const dns = (text: string) => der(0x82, Buffer.from(text, 'latin1'))
export const uri = (text: string) => der(0x86, Buffer.from(text, 'latin1'))
export const ip = (...octets: readonly number[]) => der(0x87, Buffer.from(octets))
export const directory = (name: Buffer) => der(0xa4, name)
export const otherName = () => der(0xa0, oid('1.2.3'), der(0xa0, der(0x0c, Buffer.from('x'))))

export function alternativeNames(...names: readonly Buffer[]): Buffer {
  return extension('2.5.29.17', seq(...names))
}

export function nameConstraints(permitted: readonly Buffer[], excluded: readonly Buffer[] = []): Buffer {
  const trees = (tag: number, bases: readonly Buffer[]) =>
    bases.length === 0 ? [] : [der(tag, ...bases.map((base) => seq(base)))]
  return extension('2.5.29.30', seq(...trees(0xa0, permitted), ...trees(0xa1, excluded)), true)
}

type Attribute = readonly [id: string, value: string | Buffer]

/** A name of one attribute in each of its relative names; several in one are given as a list. */
export function nameOf(...parts: readonly (Attribute | readonly Attribute[])[]): Buffer {
  return seq(
    ...parts.map((part) => {
      const attributes = isAttribute(part) ? [part] : part
      return der(
        0x31,
        ...attributes.map(([id, value]) =>
          seq(oid(id), typeof value === 'string' ? der(0x0c, Buffer.from(value)) : value),
        ),
      )
    }),
  )
}

function isAttribute(part: Attribute | readonly Attribute[]): part is Attribute {
  return typeof part[0] === 'string'
}

export function seq(...parts: readonly Buffer[]): Buffer {
  return der(0x30, ...parts)
}

export function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const digits = content.length.toString(16)
  const octets = Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex')
  const length = content.length < 128 ? [content.length] : [0x80 + octets.length, ...octets]
  return Buffer.concat([Buffer.from([tag, ...length]), content])
}

export function oid(id: string): Buffer {
  const [first = 0, second = 0, ...others] = id.split('.').map(Number)
  return der(0x06, Buffer.from([first * 40 + second, ...others].flatMap(toBase128)))
}

function toBase128(number: number): readonly number[] {
  const digits = [number % 128]
  for (let left = Math.floor(number / 128); left > 0; left = Math.floor(left / 128))
    digits.unshift(128 + (left % 128))
  return digits
}

export function integer(hex: string): Buffer {
  return der(0x02, Buffer.from(hex, 'hex'))
}

function time(timeMs: number): Buffer {
  const text = new Date(timeMs).toISOString().replace(/[-:T]|\.\d+/g, '')
  return der(0x17, Buffer.from(text.slice(2)))
}

const ALGORITHMS: { readonly [name: string]: string } = {
  'ec sha256': '1.2.840.10045.4.3.2',
  'ec sha384': '1.2.840.10045.4.3.3',
  'ec sha1': '1.2.840.10045.4.1',
  'rsa sha256': '1.2.840.113549.1.1.11',
  'rsa sha1': '1.2.840.113549.1.1.5',
  'rsa md5': '1.2.840.113549.1.1.4',
  'ed25519 sha256': '1.3.101.112',
}

const SHA256 = seq(oid('2.16.840.1.101.3.4.2.1'), der(0x05))
const PSS_PARAMETERS = seq(
  der(0xa0, SHA256),
  der(0xa1, seq(oid('1.2.840.113549.1.1.8'), SHA256)),
  der(0xa2, integer('20')),
)

function algorithmOf({ publicKey }: Keys, hash: string): Buffer {
  const kind = publicKey.asymmetricKeyType ?? ''
  if (kind === 'rsa-pss') return seq(oid('1.2.840.113549.1.1.10'), PSS_PARAMETERS)
  const parameters = kind === 'rsa' ? [der(0x05)] : []
  return seq(oid(ALGORITHMS[`${kind} ${hash}`] ?? '1.2.3'), ...parameters)
}

/** Another content under a good signature; the outer lengths of `bytes` are of two octets. */
export function signAgain(bytes: Buffer, { keys }: Pick<Issued, 'keys'>): Buffer {
  const end = 8 + bytes.readUInt16BE(6)
  return signed(bytes.subarray(4, end), keys, 'sha256')
}

function signed(body: Buffer, keys: Keys, hash: string): Buffer {
  const own = keys.publicKey.asymmetricKeyType === 'ed25519'
  const signature = sign(own ? null : hash, body, keys.privateKey)
  return seq(body, algorithmOf(keys, hash), der(0x03, Buffer.from([0]), signature))
}
