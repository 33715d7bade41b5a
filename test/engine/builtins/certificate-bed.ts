import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'

export interface Issued {
  readonly pem: string
  readonly key: KeyObject
  readonly name: string
}

export interface Wish {
  readonly name: string
  readonly issuer?: Issued
  readonly isAuthority?: boolean
  readonly pathLength?: number
  readonly names?: readonly Buffer[]
  /** Object identifiers, dotted. */
  readonly usages?: readonly string[]
  /** The bits of the key usage, in hex. */
  readonly keyUsage?: string
  /** As UTCTime. */
  readonly notAfter?: string
  readonly extensions?: readonly Buffer[]
}

/** A certificate that is valid from 2020 to 2030 where nothing else is wished for, with a key of its own. */
export function issue(wish: Wish): Issued {
  const { name, issuer, notAfter = '300101000000Z' } = wish
  const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  const tbs = list(
    element(0xa0, element(2, Buffer.from([2]))),
    element(2, Buffer.from([1])),
    SIGNATURE,
    toName(issuer?.name ?? name),
    list(element(0x17, Buffer.from('200101000000Z')), element(0x17, Buffer.from(notAfter))),
    toName(name),
    createPublicKey(key).export({ format: 'der', type: 'spki' }),
    element(0xa3, list(...toExtensions(wish))),
  )
  return { pem: toPem('CERTIFICATE', signed(tbs, issuer?.key ?? key)), key, name }
}

/** A request with names, and a password that no reader shows. */
export function makeRequest(names: readonly Buffer[]): string {
  const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  const wanted = element(0x31, list(toNamesExtension(names), extension('1.2.3.4', '0500', true)))
  const attributes = [
    list(oid('1.2.840.113549.1.9.14'), wanted),
    list(oid('1.2.840.113549.1.9.7'), element(0x31, element(0x13, 'pass'))),
  ]
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' })
  const tbs = list(
    element(2, Buffer.from([0])),
    toName('client'),
    spki,
    element(0xa0, Buffer.concat(attributes)),
  )
  return toPem('CERTIFICATE REQUEST', signed(tbs, key))
}

const SIGNATURE = list(oid('1.2.840.10045.4.3.2'))

function signed(tbs: Buffer, key: KeyObject): Buffer {
  return list(tbs, SIGNATURE, element(3, Buffer.concat([Buffer.from([0]), sign('sha256', tbs, key)])))
}

function toName(name: string): Buffer {
  const attribute = (type: string, tag: number, value: string) =>
    element(0x31, list(oid(type), element(tag, value)))
  return list(
    attribute('2.5.4.6', 0x13, 'DE'),
    attribute('2.5.4.10', 0x0c, 'Ünïcode'),
    attribute('2.5.4.3', 0x0c, name),
  )
}

function toExtensions({
  isAuthority = false,
  pathLength,
  names,
  usages,
  keyUsage,
  extensions = [],
}: Wish): Buffer[] {
  const length = pathLength === undefined ? '' : `0201${pathLength.toString(16).padStart(2, '0')}`
  const constraints = element(0x30, Buffer.from(`0101ff${length}`, 'hex')).toString('hex')
  return [
    ...(isAuthority ? [extension('2.5.29.19', constraints, true)] : []),
    ...(names ? [toNamesExtension(names)] : []),
    ...(usages ? [extension('2.5.29.37', list(...usages.map(oid)).toString('hex'))] : []),
    ...(keyUsage === undefined ? [] : [extension('2.5.29.15', `030200${keyUsage}`, true)]),
    ...extensions,
  ]
}

function toNamesExtension(names: readonly Buffer[]): Buffer {
  return extension('2.5.29.17', list(...names).toString('hex'))
}

/** An extension with its content in hex. */
export function extension(id: string, hex: string, isCritical = false): Buffer {
  const critical = isCritical ? [element(1, Buffer.from([0xff]))] : []
  return list(oid(id), ...critical, element(4, Buffer.from(hex, 'hex')))
}

export function list(...parts: readonly Buffer[]): Buffer {
  return element(0x30, Buffer.concat(parts))
}

export function element(tag: number, content: Buffer | string): Buffer {
  const bytes = Buffer.from(content)
  const size = Buffer.from(bytes.length.toString(16).padStart(4, '0'), 'hex')
  const length =
    bytes.length < 0x80 ? [bytes.length] : bytes.length < 0x100 ? [0x81, bytes.length] : [0x82, ...size]
  return Buffer.concat([Buffer.from([tag, ...length]), bytes])
}

function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number)
  const bytes = [first * 40 + second, ...rest].flatMap((arc) => {
    const septets = [arc % 128]
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128))
      septets.unshift(128 + (left % 128))
    return septets
  })
  return element(6, Buffer.from(bytes))
}

function toPem(type: string, der: Buffer): string {
  return `-----BEGIN ${type}-----\n${der.toString('base64').replaceAll(/.{64}/g, '$&\n')}\n-----END ${type}-----\n`
}
