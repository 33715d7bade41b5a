import { attempt } from '../bytes/attempt.ts'
import { parseCertificate } from '../certificates/parse-certificate.ts'
import { parsePem } from '../certificates/parse-pem.ts'
import { parsePublicKey } from '../certificates/parse-public-key.ts'
import { toKeyMaterial, type KeyMaterial, type VerificationKey } from './key-material.ts'
import { parseJsonWebKeys } from './parse-json-web-keys.ts'
import { isTokenAlgorithm } from './token-algorithms.ts'

/** As many texts as OPA remembers. Longer texts than this are parsed anew each time, so that the memory stays small. */
const REMEMBERED_TEXTS = 100
const LONGEST_REMEMBERED = 65_536

/** Policies check many tokens against few keys, and a text always means the same keys. The oldest text goes first. */
const remembered = new Map<string, readonly VerificationKey[]>()

/** The keys of one PEM block (certificate or public key), of a JSON Web Key or of a set. Undefined where the text is none of these. */
export function parseVerificationKeys(text: string): readonly VerificationKey[] | undefined {
  const keys = remembered.get(text) ?? attempt(() => parseKeys(text))
  if (keys !== undefined && text.length <= LONGEST_REMEMBERED) remember(text, keys)
  return keys
}

function remember(text: string, keys: readonly VerificationKey[]): void {
  remembered.delete(text)
  remembered.set(text, keys)
  for (const [oldest] of remembered) {
    if (remembered.size <= REMEMBERED_TEXTS) return
    remembered.delete(oldest)
  }
}

function parseKeys(text: string): readonly VerificationKey[] | undefined {
  const block = parsePem(Buffer.from(text).toString('latin1'))
  if (block === undefined) {
    // Keys for other algorithms may stand in a set; they are passed over.
    return parseJsonWebKeys(text)?.filter(({ algorithm }) => algorithm === '' || isTokenAlgorithm(algorithm))
  }
  if (block.rest !== '') return undefined
  const material = readBlock(block.type, block.bytes)
  return material && [{ algorithm: '', keyId: '', material }]
}

function readBlock(type: string, bytes: Buffer): KeyMaterial | undefined {
  if (type === 'CERTIFICATE') return toKeyMaterial(parseCertificate(bytes).keyInfo.key)
  return type === 'PUBLIC KEY' ? toKeyMaterial(parsePublicKey(bytes)) : undefined
}
