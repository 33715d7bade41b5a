import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import { isRecord } from '../decision/is-record.ts'
import { RegateError } from '../errors.ts'
import { cleanKeys } from './clean-keys.ts'
import type { KeySet, VerificationKey } from './key-set.ts'
import { toVerificationKey } from './to-verification-key.ts'

/**
 * Reads a JSON Web Key Set (RFC 7517 §5). A key that cannot verify signatures is left out with a reason, as are private
 * and symmetric ones. Throws `CONFIG_INVALID` when the text is no key set.
 */
export function parseKeySet(text: string): KeySet {
  const entries = readEntries(text)
  const keys: VerificationKey[] = []
  const unusable: string[] = []
  for (const [index, entry] of entries.entries()) {
    const result = attempt(entry)
    if (typeof result === 'string') unusable.push(`keys[${index}]: ${result}`)
    else keys.push(result)
  }
  return { keys, unusable }
}

/** Whether a key set holds something that must not be in a file of public keys. */
export function holdsSecret(text: string): boolean {
  return readEntries(text).some(isSecret)
}

function readEntries(text: string): readonly unknown[] {
  const document = parseJson(text)
  if (isRecord(document) && Array.isArray(document['keys'])) return document['keys']
  throw new RegateError('CONFIG_INVALID', 'no JSON Web Key Set: an object with a list "keys" is expected')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(cleanKeys(text))
  } catch {
    // The cause would quote the document.
    throw new RegateError('CONFIG_INVALID', 'not JSON')
  }
}

function attempt(entry: unknown): VerificationKey | string {
  try {
    return toKey(entry)
  } catch (error) {
    if (error instanceof RegateError) return error.message
    throw error
  }
}

function toKey(entry: unknown): VerificationKey {
  if (!isRecord(entry)) throw unfit('not an object')
  if (isSecret(entry)) throw unfit('a private or symmetric key')
  const { use, key_ops: operations, alg, kid } = entry
  if (use !== undefined && use !== 'sig') throw unfit('its use is not sig')
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify'))) {
    throw unfit('its key_ops do not hold verify')
  }
  if (!isOptionalText(alg) || !isOptionalText(kid)) throw unfit('alg or kid is not a string')
  return toVerificationKey(importKey(entry), {
    ...(kid === undefined ? {} : { id: kid }),
    ...(alg === undefined ? {} : { algorithm: alg }),
  })
}

function importKey(key: JsonWebKey): KeyObject {
  try {
    return createPublicKey({ key, format: 'jwk' })
  } catch (cause) {
    throw new RegateError('CONFIG_INVALID', 'not a key that can be read', { cause })
  }
}

const SECRET_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv']

function isSecret(entry: unknown): boolean {
  return isRecord(entry) && SECRET_MEMBERS.some((member) => Object.hasOwn(entry, member))
}

function isOptionalText(value: unknown): value is string | undefined {
  return value === undefined || typeof value === 'string'
}

function unfit(reason: string): RegateError {
  return new RegateError('CONFIG_INVALID', reason)
}
