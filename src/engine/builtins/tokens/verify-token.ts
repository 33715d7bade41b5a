import type { Value } from '../../values/value.ts'
import { decodeBase64Url } from '../bytes/decode-base64.ts'
import type { VerificationKey } from './key-material.ts'
import { parseVerificationKeys } from './parse-verification-keys.ts'
import { readHeader, splitToken } from './read-token.ts'
import { readTokenHeader, type TokenHeader } from './read-token-header.ts'
import type { TokenAlgorithm } from './token-algorithms.ts'
import { isMac, type Signed, verifyLoosely } from './verify-signature.ts'

/** Is a token signed by one of the keys? Undefined where token or keys cannot be read. Source: OPA, `io.jwt.verify_*`. */
export function verifyToken(text: Value | undefined, keyText: Value | undefined, algorithm: TokenAlgorithm) {
  const token = splitToken(text)
  const keys = typeof keyText === 'string' ? parseVerificationKeys(keyText) : undefined
  const signature = token && decodeBase64Url(token.signature)
  const headerValue = token && readHeader(token)
  const header = headerValue && readTokenHeader(headerValue)
  if (token === undefined || keys === undefined || signature === undefined || header === undefined)
    return undefined
  const signed: Signed = { text: `${token.header}.${token.payload}`, signature }
  return tryKeys(keys, header, ({ material }) => verifyLoosely(signed, material, algorithm))
}

/** The same with a shared secret. The header is not looked at. Source: OPA, `io.jwt.verify_hs256` and its like. */
export function verifyTokenWithSecret(text: Value | undefined, secret: Value | undefined, hash: string) {
  const token = splitToken(text)
  const signature = token && decodeBase64Url(token.signature)
  if (token === undefined || signature === undefined || typeof secret !== 'string') return undefined
  return isMac({ text: `${token.header}.${token.payload}`, signature }, Buffer.from(secret), hash)
}

/** The key that the header names decides alone; without one, any key that is not meant for another algorithm may fit. */
export function tryKeys(
  keys: readonly VerificationKey[],
  { keyId, algorithm }: TokenHeader,
  fits: (key: VerificationKey) => boolean,
): boolean {
  const named = keyId === '' ? undefined : keys.find((key) => key.keyId === keyId)
  if (named !== undefined) return fits(named)
  return keys.some((key) => (key.algorithm === '' || key.algorithm === algorithm) && fits(key))
}
