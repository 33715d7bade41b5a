import { type KeyObject, verify } from 'node:crypto'
import { compactVerify, errors } from 'jose'
import { RegateError } from '../errors.ts'

/**
 * RFC 7515 §5.2 with the one key and the one algorithm that were chosen before.
 * Throws `TOKEN_SIGNATURE_INVALID`, or `TOKEN_MALFORMED` for what is no JWS.
 */
export async function verifySignature(token: string, key: KeyObject, algorithm: string): Promise<void> {
  if (algorithm === 'ES256K') return verifyKoblitz(token, key)
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

const KOBLITZ_BYTES = 64

/** RFC 8812 §3.2: jose has this curve no more, since browsers never had it. */
function verifyKoblitz(token: string, key: KeyObject): void {
  const end = token.lastIndexOf('.')
  const signature = Buffer.from(token.slice(end + 1), 'base64url')
  const data = Buffer.from(token.slice(0, end))
  const fits =
    signature.length === KOBLITZ_BYTES &&
    verify('sha256', data, { key, dsaEncoding: 'ieee-p1363' }, signature)
  if (!fits) throw new RegateError('TOKEN_SIGNATURE_INVALID', 'the signature does not fit')
}
