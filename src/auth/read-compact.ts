import { isRecord } from '../decision/is-record.ts'
import { RegateError } from '../errors.ts'
import { cleanKeys } from './clean-keys.ts'

/** A JWS that is taken apart but **not verified**. */
export interface CompactToken {
  readonly header: Readonly<Record<string, unknown>>
  readonly algorithm: string
  readonly claims: Record<string, unknown>
}

const COMPACT = /^([\w-]+)\.([\w-]+)\.([\w-]*)$/

/**
 * Reads the compact form (RFC 7515 §7.1) of a JWT. Throws `TOKEN_MALFORMED`, also for `crit` and `b64`, since no extension is
 * understood, and for a part of which there would be another spelling (RFC 4648 §3.5).
 */
export function readCompact(token: string): CompactToken {
  const [, ...parts] = COMPACT.exec(token) ?? []
  if (!parts.every(isCanonical)) throw malformed('a part is not canonical base64url')
  const [encodedHeader = '', encodedClaims = ''] = parts
  const header = decodeObject(encodedHeader, 'header')
  const claims = decodeObject(encodedClaims, 'payload')
  if (Object.hasOwn(header, 'crit') || Object.hasOwn(header, 'b64'))
    throw malformed('the header asks for an extension')
  const { alg } = header
  if (typeof alg !== 'string') throw malformed('alg is missing')
  return { header, algorithm: alg, claims }
}

function isCanonical(encoded: string): boolean {
  return Buffer.from(encoded, 'base64url').toString('base64url') === encoded
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The object of one part, however it is encoded. Throws `TOKEN_MALFORMED`. */
export function decodeObject(encoded: string, part: string): Record<string, unknown> {
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
