import { RegateError } from '../../errors.ts'
import { checkNames } from './check-names.ts'
import type { Path } from './find-paths.ts'
import type { Certificate } from './parse-certificate.ts'
import { createCursor, readElements, readObjectId, readOnly } from './read-der.ts'
import { isSameName } from './read-name.ts'

const KEY_USAGE = '2.5.29.15'
const BASIC_CONSTRAINTS = '2.5.29.19'
const EXTENDED_KEY_USAGE = '2.5.29.37'
const CLIENT_AUTHENTICATION = '1.3.6.1.5.5.7.3.2'
const ANY_USAGE = '2.5.29.37.0'

/** Key identifiers, alternative names, name constraints and policies, of which any will do, besides those above. */
const UNDERSTOOD = new Set([
  KEY_USAGE,
  BASIC_CONSTRAINTS,
  EXTENDED_KEY_USAGE,
  '2.5.29.14',
  '2.5.29.17',
  '2.5.29.30',
  '2.5.29.32',
  '2.5.29.35',
])

/** Policy mappings, policy constraints and inhibitAnyPolicy: whoever uses them does not mean any policy. */
const POLICY_RULES = new Set(['2.5.29.33', '2.5.29.36', '2.5.29.54'])

/**
 * Validates a path whose signatures hold (RFC 5280 §6.1), but for revocation; rules about certificate policies refuse it. The authority at its end is
 * held to what it says of itself. Throws `CERTIFICATE_UNTRUSTED`, `CERTIFICATE_EXPIRED` where nothing but the time is wrong, and
 * `CERTIFICATE_MALFORMED`.
 */
export function checkPath(path: Path, nowMs: number): void {
  path.forEach((certificate, index) => {
    checkAlgorithms(certificate, index < path.length - 1)
    checkExtensions(certificate)
    if (index === 0) checkCaller(certificate)
    else checkIssuer(certificate, path.slice(1, index))
  })
  checkNames(path)
  for (const { notBeforeMs, notAfterMs } of path) {
    if (nowMs < notBeforeMs) throw new RegateError('CERTIFICATE_EXPIRED', 'a certificate is not valid yet')
    if (nowMs > notAfterMs) throw new RegateError('CERTIFICATE_EXPIRED', 'a certificate has expired')
  }
}

/** An authority's own signature proves nothing, so it may be any. */
function checkAlgorithms({ hasStrongKey, hasStrongSignature }: Certificate, signed: boolean): void {
  if (!hasStrongKey) throw untrusted('a key is too weak, or of an unknown kind')
  if (signed && !hasStrongSignature) throw untrusted('a signature algorithm is too weak, or unknown')
}

function checkExtensions({ extensions }: Certificate): void {
  for (const [id, { critical }] of extensions)
    if (POLICY_RULES.has(id) || (critical && !UNDERSTOOD.has(id)))
      throw untrusted(`the extension ${id} is not understood`)
}

function checkCaller(certificate: Certificate): void {
  if (isAuthority(certificate)) throw untrusted('an authority is no caller')
  if (!mayUse(certificate, DIGITAL_SIGNATURE)) throw untrusted('its key is not for signatures')
  const uses = readUses(certificate)
  if (uses !== undefined && !uses.includes(CLIENT_AUTHENTICATION))
    throw untrusted('it is not for the authentication of clients')
}

function checkIssuer(certificate: Certificate, below: Path): void {
  if (!isAuthority(certificate)) throw untrusted('an issuer is no authority')
  if (!mayUse(certificate, SIGN_CERTIFICATES)) throw untrusted('an issuer may not sign certificates')
  const uses = readUses(certificate)
  if (uses !== undefined && !uses.includes(CLIENT_AUTHENTICATION) && !uses.includes(ANY_USAGE))
    throw untrusted('an issuer is not for the authentication of clients')
  const longest = readConstraints(certificate).pathLength
  const counted = below.filter(({ subject, issuer }) => !isSameName(subject, issuer))
  if (counted.length > longest) throw untrusted('more authorities follow an issuer than it may have')
}

function isAuthority(certificate: Certificate): boolean {
  return certificate.x509.ca && readConstraints(certificate).isAuthority
}

function readConstraints({ extensions }: Certificate) {
  const extension = extensions.get(BASIC_CONSTRAINTS)
  if (extension === undefined) return { isAuthority: false, pathLength: Infinity }
  const cursor = createCursor(readOnly(extension.value, 0x30))
  const flag = cursor.find(0x01)?.content[0] ?? 0
  const length = cursor.find(0x02)?.content
  cursor.end()
  return {
    isAuthority: flag !== 0,
    pathLength: length === undefined ? Infinity : readSmall(length),
  }
}

/** What has more octets counts as negative, which nothing is below. */
function readSmall(integer: Buffer): number {
  return integer.length === 1 ? integer.readInt8() : -1
}

/** Bits as RFC 5280 §4.2.1.3 counts them, from the left. */
const DIGITAL_SIGNATURE = 0
const SIGN_CERTIFICATES = 5
export const SIGN_LISTS = 6

/** Whether a key may be used so; one without KeyUsage may. */
export function mayUse({ extensions }: Certificate, bit: number): boolean {
  const extension = extensions.get(KEY_USAGE)
  if (extension === undefined) return true
  const [, bits = 0] = readOnly(extension.value, 0x03)
  return Math.floor(bits / 2 ** (7 - bit)) % 2 === 1
}

function readUses({ extensions }: Certificate): readonly string[] | undefined {
  const extension = extensions.get(EXTENDED_KEY_USAGE)
  if (extension === undefined) return undefined
  return readElements(readOnly(extension.value, 0x30)).map(({ bytes }) => readObjectId(readOnly(bytes, 0x06)))
}

function untrusted(reason: string): RegateError {
  return new RegateError('CERTIFICATE_UNTRUSTED', reason)
}
