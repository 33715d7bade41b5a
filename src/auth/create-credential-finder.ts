import type { Credentials } from '../decision/access-request.ts'
import type { TokenSource } from './authentication-options.ts'

/** What a request presents, not yet judged. A `lenient` one (from a cookie) that does not hold counts as absent. */
export type Credential =
  | {
      readonly kind: 'bearer'
      readonly token: string
      readonly lenient: boolean
      readonly scheme: 'Bearer' | 'DPoP'
    }
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'basic'; readonly encoded: string }
  | { readonly kind: 'certificate' }
  | { readonly kind: 'ambiguous'; readonly lenient: boolean; readonly place: string }

export type CredentialFinder = (credentials: Credentials) => Credential | undefined

interface Methods {
  readonly bearer: boolean
  readonly basic: boolean
  /** Whether the scheme `DPoP` is one. */
  readonly proofs: boolean
  /** The header of client certificates that callers may be known by, in lower case. */
  readonly certificateHeader?: string | undefined
  /** The header that holds API keys and nothing else, in lower case. */
  readonly keyHeader?: string | undefined
}

/**
 * Builds the look-up once: the header of API keys comes before the places of bearer tokens. The first place that holds a
 * credential decides alone; a scheme that no configured method uses is no credential. Basic comes from the Authorization line
 * alone, after all places if that one is not among them, and the certificate, which browsers show without being asked, last.
 */
export function createCredentialFinder(from: readonly TokenSource[], methods: Methods): CredentialFinder {
  const { keyHeader, certificateHeader } = methods
  const places: CredentialFinder[] =
    keyHeader === undefined ? [] : [(credentials) => readKey(credentials, keyHeader)]
  if (methods.bearer) places.push(...from.map((source) => placeOf(source, methods)))
  if (methods.basic && !(methods.bearer && from.some((source) => source.kind === 'authorization'))) {
    places.push(({ authorization }) => readAuthorization(authorization, { ...methods, bearer: false }))
  }
  if (certificateHeader !== undefined)
    places.push((credentials) => readCertificate(credentials, certificateHeader))
  const [only] = places
  if (only !== undefined && places.length === 1) return only
  return (credentials) => firstOf(places, credentials)
}

function firstOf(places: readonly CredentialFinder[], credentials: Credentials): Credential | undefined {
  for (const place of places) {
    const found = place(credentials)
    if (found !== undefined) return found
  }
  return undefined
}

function placeOf(source: TokenSource, methods: Methods): CredentialFinder {
  switch (source.kind) {
    case 'authorization':
      return (credentials) => readAuthorization(credentials.authorization, methods)
    case 'cookie':
      return (credentials) => readCookie(credentials, source.name)
    case 'header':
      return (credentials) => readHeader(credentials, source.name)
    default:
      return source satisfies never
  }
}

// RFC 9110 §11.4: a scheme is a token and is compared without case.
const SCHEME = /^[\w!#$%&'*+\-.^`|~]+/

function readAuthorization(line: string | undefined, methods: Methods): Credential | undefined {
  if (line === undefined) return undefined
  if (methods.bearer && line.startsWith('Bearer ')) return bearer(withoutSpaces(line.slice(7)))
  const scheme = (SCHEME.exec(line)?.[0] ?? '').toLowerCase()
  const rest = line.slice(scheme.length)
  const text = rest.startsWith(' ') ? withoutSpaces(rest) : ''
  if (methods.bearer && scheme === 'bearer') return bearer(text)
  if (methods.bearer && methods.proofs && scheme === 'dpop') return bearer(text, { scheme: 'DPoP' })
  if (methods.basic && scheme === 'basic') return { kind: 'basic', encoded: text }
  return undefined
}

/** Spaces alone, as RFC 9110 §11.4 has it: no other blank may come between scheme and token. */
function withoutSpaces(text: string): string {
  return text.replace(/^ +/, '')
}

function readCookie({ cookies }: Credentials, name: string): Credential | undefined {
  const values = Object.hasOwn(cookies, name) ? cookies[name] : undefined
  const value = values?.[0]
  if (values !== undefined && values.length > 1)
    return { kind: 'ambiguous', lenient: true, place: `cookie ${name}` }
  return value === undefined || value === '' ? undefined : bearer(value, { lenient: true })
}

function readHeader(credentials: Credentials, name: string): Credential | undefined {
  return readLine(credentials, name, (line) => bearer(line.replace(/^bearer +/i, '')))
}

function readKey(credentials: Credentials, name: string): Credential | undefined {
  return readLine(credentials, name, (key) => ({ kind: 'key', key }))
}

function readLine(
  { headers }: Credentials,
  name: string,
  toCredential: (line: string) => Credential,
): Credential | undefined {
  const lines = Object.hasOwn(headers, name) ? headers[name] : undefined
  const line = lines?.[0]
  if (lines !== undefined && lines.length > 1)
    return { kind: 'ambiguous', lenient: false, place: `header ${name}` }
  return line === undefined || line === '' ? undefined : toCredential(line)
}

/** Whether it holds, and in how many lines it stands, is asked later. */
function readCertificate({ headers }: Credentials, name: string): Credential | undefined {
  const lines = Object.hasOwn(headers, name) ? headers[name] : undefined
  return lines?.some((line) => line !== '') === true ? { kind: 'certificate' } : undefined
}

interface Manner {
  readonly lenient?: boolean
  readonly scheme?: 'Bearer' | 'DPoP'
}

function bearer(token: string, { lenient = false, scheme = 'Bearer' }: Manner = {}): Credential {
  return { kind: 'bearer', token, lenient, scheme }
}
