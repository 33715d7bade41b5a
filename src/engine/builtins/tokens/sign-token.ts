import { constants, createHmac, sign } from 'node:crypto'
import type { Value } from '../../values/value.ts'
import { attempt } from '../bytes/attempt.ts'
import { parseJson } from '../bytes/parse-json.ts'
import { writeJson } from '../bytes/write-json.ts'
import type { KeyMaterial } from './key-material.ts'
import { parseJsonWebKeys } from './parse-json-web-keys.ts'
import { findMember, toObjectValue } from './read-token.ts'
import { findTokenAlgorithm, type TokenAlgorithm } from './token-algorithms.ts'

/** Values become JSON with sorted keys. Source: OPA, `io.jwt.encode_sign`. */
export function signValues(
  header: Value = null,
  payload: Value = null,
  key: Value = null,
): string | undefined {
  return signToken(writeJson(header), writeJson(payload), writeJson(key))
}

/**
 * A compact token over two texts as they are, signed by the first key of a JSON Web Key (set). Undefined where the key cannot do the
 * algorithm of the header, or where a "JWT" has no JSON to carry. Source: RFC 7515, 5.1; OPA, `io.jwt.encode_sign_raw`.
 */
export function signToken(header?: Value, payload?: Value, keyText?: Value): string | undefined {
  if (typeof header !== 'string' || typeof payload !== 'string' || typeof keyText !== 'string')
    return undefined
  const [key] = parseJsonWebKeys(keyText) ?? []
  const members = toObjectValue(header)
  const [name, type] = members ? [findMember(members, 'alg'), findMember(members, 'typ')] : []
  const algorithm = typeof name === 'string' ? findTokenAlgorithm(name) : undefined
  if (key === undefined || algorithm === undefined) return undefined
  if ((typeof type !== 'string' || type === 'JWT') && !isJson(payload)) return undefined
  const text = `${encode(Buffer.from(header))}.${encode(Buffer.from(payload))}`
  const signature = attempt(() => makeSignature(Buffer.from(text), key.material, algorithm))
  return signature && `${text}.${encode(signature)}`
}

/** JSON and nothing after it; the reader itself forgives a `null` there. */
function isJson(text: string): boolean {
  return parseJson(`[${text}]`) !== undefined && parseJson(text) !== undefined
}

/** Undefined for a public key and for a key of another family. May throw. */
function makeSignature(data: Buffer, key: KeyMaterial, { family, hash }: TokenAlgorithm): Buffer | undefined {
  if (key.kind === 'secret') {
    return family === 'secret' && hash !== undefined
      ? createHmac(hash, key.bytes).update(data).digest()
      : undefined
  }
  if (key.kind === 'unusable' || key.makePrivateKey === undefined) return undefined
  if (family === key.kind) return sign(hash, data, { key: key.makePrivateKey(), dsaEncoding: 'ieee-p1363' })
  if (family !== 'rsa-pss' || key.kind !== 'rsa') return undefined
  const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
  return sign(hash, data, { key: key.makePrivateKey(), ...pss })
}

function encode(bytes: Buffer): string {
  return bytes.toString('base64url')
}
