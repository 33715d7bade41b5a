import { compareDecimals } from '../../values/compare-decimals.ts'
import { isArray, isNumber, isObject, type ObjectValue, toObject, type Value } from '../../values/value.ts'
import { decodeBase64Url } from '../bytes/decode-base64.ts'
import { type Constraints, readConstraints } from './read-constraints.ts'
import { findMember, readHeader, readPart, splitToken, toObjectValue } from './read-token.ts'
import { readTokenHeader, type TokenHeader } from './read-token-header.ts'
import { findVerificationAlgorithm } from './token-algorithms.ts'
import { type Signed, verifySignature } from './verify-signature.ts'
import { tryKeys } from './verify-token.ts'

const REFUSED: Value = [false, toObject([]), toObject([])]

interface Opened {
  readonly header: ObjectValue
  readonly payload: ObjectValue
}

/**
 * `[true, header, payload]` where signature and claims meet the constraints, `[false, {}, {}]` where they do not, undefined where
 * token or constraints cannot be read. Nested tokens are opened, each verified by the same key.
 * Source: RFC 7519, 7.2; OPA, `io.jwt.decode_verify`.
 */
export function decodeVerify(
  text: Value | undefined,
  options: Value | undefined,
  nowNs: () => bigint,
): Value | undefined {
  const constraints = options !== undefined && isObject(options) ? readConstraints(options, nowNs) : undefined
  if (constraints === undefined) return undefined
  const opened = open(text, constraints)
  if (opened === undefined || opened === 'refused') return opened && REFUSED
  const verdict = checkClaims(opened.payload, constraints)
  if (verdict === undefined) return undefined
  return verdict ? [true, opened.header, opened.payload] : REFUSED
}

/** Signature first, then the content. */
function open(text: Value | undefined, constraints: Constraints): Opened | 'refused' | undefined {
  let next = text
  for (;;) {
    const token = splitToken(next)
    const headerValue = token && readHeader(token)
    const header = headerValue && readTokenHeader(headerValue)
    if (token === undefined || headerValue === undefined || header === undefined) return undefined
    const isWanted = constraints.algorithm === '' || constraints.algorithm === header.algorithm
    if (!header.isAcceptable || !isWanted) return 'refused'
    const signature = decodeBase64Url(token.signature)
    if (signature === undefined) return undefined
    if (!isSigned({ text: `${token.header}.${token.payload}`, signature }, header, constraints))
      return 'refused'
    const content = readPart(token.payload)
    if (content === undefined) return undefined
    if (header.contentType.toLowerCase() !== 'jwt') {
      const payload = toObjectValue(content)
      return payload && { header: headerValue, payload }
    }
    next = content
  }
}

function isSigned(signed: Signed, header: TokenHeader, { keys }: Constraints): boolean {
  const algorithm = findVerificationAlgorithm(header.algorithm)
  return (
    algorithm !== undefined &&
    tryKeys(keys, header, ({ material }) => verifySignature(signed, material, algorithm))
  )
}

/** Undefined: a claim has a type that cannot be judged. Source: RFC 7519, 4.1. */
function checkClaims(payload: ObjectValue, constraints: Constraints): boolean | undefined {
  const [issuer, audience] = [findMember(payload, 'iss'), findMember(payload, 'aud')]
  if (constraints.issuer !== '') {
    if (issuer !== undefined && typeof issuer !== 'string') return undefined
    if (issuer !== constraints.issuer) return false
  }
  if (!isAudience(audience, constraints.audience)) return false
  const [expiry, notBefore] = [findMember(payload, 'exp'), findMember(payload, 'nbf')]
  if (expiry !== undefined) {
    if (!isNumber(expiry)) return undefined
    if (compareDecimals(constraints.seconds, expiry.text) >= 0) return false
  }
  if (notBefore === undefined) return true
  return isNumber(notBefore) ? compareDecimals(constraints.seconds, notBefore.text) >= 0 : undefined
}

/** A token for an audience is good only where that one is asked for. */
function isAudience(claim: Value | undefined, wanted: string): boolean {
  if (claim === undefined) return wanted === ''
  return typeof claim === 'string' ? claim === wanted : isArray(claim) && claim.includes(wanted)
}
