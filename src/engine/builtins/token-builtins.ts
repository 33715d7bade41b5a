import type { Builtin, BuiltinTable } from './builtin.ts'
import { decodeToken } from './tokens/decode-token.ts'
import { decodeVerify } from './tokens/decode-verify.ts'
import { signToken, signValues } from './tokens/sign-token.ts'
import type { TokenAlgorithm } from './tokens/token-algorithms.ts'
import { verifyToken, verifyTokenWithSecret } from './tokens/verify-token.ts'

/** JSON Web Tokens. Source: OPA, "Token Signing" and "Token Verification". */
export const tokenBuiltins: BuiltinTable = {
  'io.jwt.decode': ([token]) => decodeToken(token),
  'io.jwt.decode_verify': ([token, constraints], { nowNs }) => decodeVerify(token, constraints, nowNs),
  'io.jwt.verify_rs256': byKeys('rsa', 'sha256'),
  'io.jwt.verify_rs384': byKeys('rsa', 'sha384'),
  'io.jwt.verify_rs512': byKeys('rsa', 'sha512'),
  'io.jwt.verify_ps256': byKeys('rsa-pss', 'sha256'),
  'io.jwt.verify_ps384': byKeys('rsa-pss', 'sha384'),
  'io.jwt.verify_ps512': byKeys('rsa-pss', 'sha512'),
  'io.jwt.verify_es256': byKeys('ec', 'sha256'),
  'io.jwt.verify_es384': byKeys('ec', 'sha384'),
  'io.jwt.verify_es512': byKeys('ec', 'sha512'),
  'io.jwt.verify_eddsa': byKeys('ed25519', undefined),
  'io.jwt.verify_hs256': bySecret('sha256'),
  'io.jwt.verify_hs384': bySecret('sha384'),
  'io.jwt.verify_hs512': bySecret('sha512'),
  'io.jwt.encode_sign': ([header, payload, key]) => signValues(header, payload, key),
  'io.jwt.encode_sign_raw': ([header, payload, key]) => signToken(header, payload, key),
}

function byKeys(family: TokenAlgorithm['family'], hash: string | undefined): Builtin {
  return ([token, keys]) => verifyToken(token, keys, { family, hash })
}

function bySecret(hash: string): Builtin {
  return ([token, secret]) => verifyTokenWithSecret(token, secret, hash)
}
