import type { KeyObject } from 'node:crypto'
import { compactVerify, errors } from 'jose'
import { RegateError } from '../errors.ts'

/**
 * RFC 7515 §5.2 with the one key and the one algorithm that were chosen before.
 * Throws `TOKEN_SIGNATURE_INVALID`, or `TOKEN_MALFORMED` for what is no JWS.
 */
export async function verifySignature(token: string, key: KeyObject, algorithm: string): Promise<void> {
  try {
    await compactVerify(token, key, { algorithms: [algorithm] })
  } catch (cause) {
    if (cause instanceof errors.JWSSignatureVerificationFailed) {
      throw new RegateError('TOKEN_SIGNATURE_INVALID', 'the signature does not fit', { cause })
    }
    if (cause instanceof errors.JOSEError)
      throw new RegateError('TOKEN_MALFORMED', 'not a signed token', { cause })
    throw cause
  }
}
