import { RegateError } from '../errors.ts'
import { decodeObject, readCompact } from './read-compact.ts'

/** A JWT that is taken apart but **not verified**. */
export interface WebToken {
  readonly algorithm: string
  readonly keyId?: string
  /** Whether it says that it is an access token by RFC 9068. */
  readonly isAccessToken: boolean
  readonly claims: Record<string, unknown>
}

// RFC 7515 §4.1.9: `application/` may be left out; RFC 9068 §2.1 for at+jwt.
const TYPE = /^(?:application\/)?(?:at\+)?jwt$/i
const ACCESS_TYPE = /at\+jwt$/i

/** Whether a token has the three-part form of a JWS (RFC 7515 §7.1). */
export function isWebToken(token: string): boolean {
  return token.split('.', 4).length === 3
}

/**
 * Reads header and claims. Key material in the header (`jwk`, `jku`, `x5c`, `x5u`) is never looked at.
 * Throws `TOKEN_MALFORMED` and `TOKEN_TYPE_INVALID`.
 */
export function parseWebToken(token: string): WebToken {
  const { header, algorithm, claims } = readCompact(token)
  const { kid, typ } = header
  if (typ !== undefined && !(typeof typ === 'string' && TYPE.test(typ))) {
    throw new RegateError('TOKEN_TYPE_INVALID', 'typ is neither JWT nor at+jwt')
  }
  if (kid !== undefined && typeof kid !== 'string')
    throw new RegateError('TOKEN_MALFORMED', 'kid is not a string')
  const isAccessToken = typ !== undefined && ACCESS_TYPE.test(typ)
  return { algorithm, ...(kid === undefined ? {} : { keyId: kid }), isAccessToken, claims }
}

interface Peeked {
  readonly issuer: unknown
  /** Whether it says that it is bound to something. */
  readonly isBound: boolean
}

/**
 * What a token says its issuer is, **not verified** and read as leniently as anybody might; undefined for what is no JWT.
 * It chooses who judges the token and what is wanted besides, and nothing else.
 */
export function peekIssuer(token: string): Peeked | undefined {
  if (!isWebToken(token)) return undefined
  try {
    const [header = '', claims = ''] = token.split('.', 2)
    decodeObject(header, 'header')
    const { iss: issuer, cnf } = decodeObject(claims, 'payload')
    return { issuer, isBound: (cnf ?? null) !== null }
  } catch {
    return undefined
  }
}
