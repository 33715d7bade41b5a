import { constants, verify } from 'node:crypto'
import { attempt } from '../bytes/attempt.ts'
import type { Certificate } from './parse-certificate.ts'
import type { PublicKey } from './parse-public-key.ts'
import { isSoundRsaKey } from './is-sound-rsa-key.ts'

/** Did this key sign the certificate? MD5 and SHA-1 never count. */
export function isSignedBy(
  { rawTbs, signature, signatureAlgorithm }: Certificate,
  key: PublicKey | undefined,
): boolean {
  if (signatureAlgorithm === undefined || key === undefined || key.kind === 'dsa' || key.kind === 'other')
    return false
  const { family, hash } = signatureAlgorithm
  const { key: object } = key
  if (object === undefined || hash === 'md5' || hash === 'sha1') return false
  if (key.kind === 'rsa' && !isSoundRsaKey(key)) return false
  const isOfFamily = family === 'rsa-pss' ? key.kind === 'rsa' : family === key.kind
  const padding =
    family === 'rsa-pss'
      ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
      : {}
  return isOfFamily && attempt(() => verify(hash, rawTbs, { key: object, ...padding }, signature)) === true
}
