import { RegateError } from '../../errors.ts'
import type { Path } from './find-paths.ts'
import type { Certificate } from './parse-certificate.ts'
import { createCursor, readElements, readOnly } from './read-der.ts'
import { type GeneralName, readGeneralName } from './read-general-names.ts'
import { isBelow } from './read-name.ts'

const NAME_CONSTRAINTS = '2.5.29.30'

interface Constraints {
  readonly permitted: readonly GeneralName[]
  readonly excluded: readonly GeneralName[]
}

/**
 * Holds every certificate of a path to the name constraints of all issuers above it (RFC 5280 §4.2.1.10), those of the authority too.
 * Throws `CERTIFICATE_UNTRUSTED`, also for constraints of other kinds than names of hosts, mail, URIs, addresses and directories.
 */
export function checkNames(path: Path): void {
  path.forEach((issuer, index) => {
    const constraints = readNameConstraints(issuer)
    if (constraints === undefined) return
    for (const certificate of path.slice(0, index))
      for (const name of namesOf(certificate)) checkName(name, constraints)
  })
}

function readNameConstraints({ extensions }: Certificate): Constraints | undefined {
  const extension = extensions.get(NAME_CONSTRAINTS)
  if (extension === undefined) return undefined
  const cursor = createCursor(readOnly(extension.value, 0x30))
  const permitted = readSubtrees(cursor.find(0xa0)?.content)
  const excluded = readSubtrees(cursor.find(0xa1)?.content)
  cursor.end()
  return { permitted, excluded }
}

function readSubtrees(content: Buffer = Buffer.alloc(0)): readonly GeneralName[] {
  return readElements(content).map(({ bytes }) => {
    const [base, ...bounds] = readElements(readOnly(bytes, 0x30))
    // Minimum is absent where it is 0, and maximum always.
    if (base === undefined || bounds.length > 0) throw untrusted('a name constraint is not understood')
    const name = readGeneralName(base.bytes)
    if (!isUnderstood(name)) throw untrusted('a name constraint is of a kind or form that is not understood')
    return name
  })
}

const HOSTS = /^[a-z0-9._-]*$/i

/** What nothing could be within would exclude nothing. */
function isUnderstood(base: GeneralName): boolean {
  switch (base.kind) {
    case 'dns':
    case 'uri':
      return HOSTS.test(base.text)
    case 'email':
      return HOSTS.test(base.text.replace(/^[^@]+@(?=[^.])/, ''))
    case 'ip':
      return base.octets.length === 8 || base.octets.length === 32
    case 'directory':
      return true
    case 'other':
      return false
    default:
      return base satisfies never
  }
}

/** Mail addresses in the subject count too. */
function namesOf({ subject, alternativeNames }: Certificate): readonly GeneralName[] {
  const mails = subject.flat().filter(({ type }) => type === 'emailAddress')
  return [
    ...(subject.length === 0 ? [] : [{ kind: 'directory', name: subject } as const]),
    ...mails.map(({ value: text }) => ({ kind: 'email', text }) as const),
    ...alternativeNames,
  ]
}

function checkName(name: GeneralName, { permitted, excluded }: Constraints): void {
  const allowed = permitted.filter(({ kind }) => kind === name.kind)
  if (allowed.length > 0 && !allowed.some((base) => isWithin(name, base)))
    throw untrusted('a name is not within what its issuer may certify')
  if (excluded.some((base) => isWithin(name, base)))
    throw untrusted('a name is among what its issuer may not certify')
}

function isWithin(name: GeneralName, base: GeneralName): boolean {
  switch (name.kind) {
    case 'dns':
      return base.kind === 'dns' && (isBelowHost(name.text, base.text) || isSameHost(name.text, base.text))
    case 'email':
      return base.kind === 'email' && isWithinMail(name.text, base.text)
    case 'uri':
      return base.kind === 'uri' && isWithinDomain(readHost(name.text), base.text)
    case 'ip':
      return base.kind === 'ip' && isInNetwork(name.octets, base.octets)
    case 'directory':
      return base.kind === 'directory' && isBelow(name.name, base.name)
    case 'other':
      return false
    default:
      return name satisfies never
  }
}

function isWithinMail(text: string, base: string): boolean {
  const at = text.lastIndexOf('@')
  if (at < 1) throw untrusted('a constrained name is no mail address')
  const [user, host] = [text.slice(0, at), text.slice(at + 1)]
  const baseAt = base.lastIndexOf('@')
  if (baseAt === -1) return isWithinDomain(host, base)
  return base.slice(0, baseAt) === user && isSameHost(host, base.slice(baseAt + 1))
}

/** One host, or behind a dot all hosts below it. */
function isWithinDomain(host: string, base: string): boolean {
  return base.startsWith('.') ? isBelowHost(host, base) : base === '' || isSameHost(host, base)
}

function isBelowHost(host: string, base: string): boolean {
  if (base === '') return true
  return toHost(host).endsWith(base.startsWith('.') ? toHost(base) : `.${toHost(base)}`)
}

function isSameHost(one: string, other: string): boolean {
  return toHost(one) === toHost(other)
}

function toHost(text: string): string {
  return text.toLowerCase().replace(/\.$/, '')
}

const URI_HOST = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@\\]*@)?([a-z0-9._-]+)(?::[0-9]*)?(?:[/?#]|$)/i
const ADDRESS = /^[0-9.]+$/

/** RFC 5280 §4.2.1.10: a URI without the name of a host does not pass a constraint. */
function readHost(uri: string): string {
  const host = URI_HOST.exec(uri)?.[1]
  if (host === undefined || ADDRESS.test(host)) throw untrusted('a constrained URI does not name a host')
  return host
}

/** `network` is an address and a mask. */
function isInNetwork(address: Buffer, network: Buffer): boolean {
  const size = address.length
  if (network.length !== 2 * size) return false
  return address.every((octet, index) => {
    const mask = network[size + index] ?? 0
    // oxlint-disable-next-line no-bitwise -- masks are bits
    return (octet & mask) === ((network[index] ?? 0) & mask)
  })
}

function untrusted(reason: string): RegateError {
  return new RegateError('CERTIFICATE_UNTRUSTED', reason)
}
