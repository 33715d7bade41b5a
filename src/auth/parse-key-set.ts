import { isRecord } from '../decision/is-record.ts'
import { RegateError } from '../errors.ts'
import { cleanKeys } from './clean-keys.ts'
import type { KeySet, VerificationKey } from './key-set.ts'
import { isSecretKey, readPublicKey } from './read-public-key.ts'

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
  return readEntries(text).some(isSecretKey)
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
    return readPublicKey(entry)
  } catch (error) {
    if (error instanceof RegateError) return error.message
    throw error
  }
}
