import { isRecord } from '../decision/is-record.ts'
import { RegateError } from '../errors.ts'
import { cleanKeys } from './clean-keys.ts'

/** A JWT that is taken apart but **not verified**. */
export interface WebToken {
  readonly algorithm: string
  readonly keyId?: string
  /** Whether it says that it is an access token by RFC 9068. */
  readonly isAccessToken: boolean
  readonly claims: Record<string, unknown>
}

const COMPACT = /^([\w-]+)\.([\w-]+)\.([\w-]*)$/
// RFC 7515 §4.1.9: `application/` may be left out; RFC 9068 §2.1 for at+jwt.
const TYPE = /^(?:application\/)?(?:at\+)?jwt$/i
const ACCESS_TYPE = /at\+jwt$/i

/** Whether a token has the three-part form of a JWS (RFC 7515 §7.1). */
export function isWebToken(token: string): boolean {
  return token.split('.', 4).length === 3
}

/**
 * Reads header and claims. Key material in the header (`jwk`, `jku`, `x5c`, `x5u`) is never looked at.
 * Throws `TOKEN_MALFORMED` (also for `crit` and `b64`, since no extension is understood, and for a part of which there would be
 * another spelling: RFC 4648 §3.5) and `TOKEN_TYPE_INVALID`.
 */
export function parseWebToken(token: string): WebToken {
  const [, ...parts] = COMPACT.exec(token) ?? []
  if (!parts.every(isCanonical)) throw malformed('a part is not canonical base64url')
  const [encodedHeader = '', encodedClaims = ''] = parts
  const header = decodeObject(encodedHeader, 'header')
  const claims = decodeObject(encodedClaims, 'payload')
  if (Object.hasOwn(header, 'crit') || Object.hasOwn(header, 'b64'))
    throw malformed('the header asks for an extension')
  const { alg, kid, typ } = header
  if (typ !== undefined && !(typeof typ === 'string' && TYPE.test(typ))) {
    throw new RegateError('TOKEN_TYPE_INVALID', 'typ is neither JWT nor at+jwt')
  }
  if (typeof alg !== 'string') throw malformed('alg is missing')
  if (kid !== undefined && typeof kid !== 'string') throw malformed('kid is not a string')
  const isAccessToken = typ !== undefined && ACCESS_TYPE.test(typ)
  return { algorithm: alg, ...(kid === undefined ? {} : { keyId: kid }), isAccessToken, claims }
}

/**
 * What a token says its issuer is, **not verified** and read as leniently as anybody might; undefined for what is no JWT.
 * It chooses who judges the token, and nothing else.
 */
export function peekIssuer(token: string): { readonly issuer: unknown } | undefined {
  if (!isWebToken(token)) return undefined
  try {
    const [header = '', claims = ''] = token.split('.', 2)
    decodeObject(header, 'header')
    return { issuer: decodeObject(claims, 'payload')['iss'] }
  } catch {
    return undefined
  }
}

function isCanonical(encoded: string): boolean {
  return Buffer.from(encoded, 'base64url').toString('base64url') === encoded
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function decodeObject(encoded: string, part: string): Record<string, unknown> {
  const value = decodeJson(encoded, part)
  if (!isRecord(value)) throw malformed(`the ${part} is not a JSON object`)
  return value
}

function decodeJson(encoded: string, part: string): unknown {
  try {
    return JSON.parse(cleanKeys(utf8.decode(Buffer.from(encoded, 'base64url'))))
  } catch {
    // The cause would quote the token.
    throw malformed(`the ${part} is not JSON`)
  }
}

function malformed(detail: string): RegateError {
  return new RegateError('TOKEN_MALFORMED', detail)
}
