import { RegateError } from '../errors.ts'
import type { KeySet, KeySource, VerificationKey } from './key-set.ts'
import type { WebToken } from './parse-web-token.ts'
import { quoteBriefly } from '../decision/quote-briefly.ts'
import { selectKey } from './select-key.ts'

interface FoundKey {
  readonly key: VerificationKey
  /** The set that it is of: what it verified holds only while that set is in use. */
  readonly set: KeySet
}

/**
 * The issuer's key for a token, after one more look at the key server where it is not known yet.
 * Throws `TOKEN_KEY_UNKNOWN`, or `KEYS_UNAVAILABLE` while the server cannot be asked.
 */
export async function findKey(source: KeySource, token: WebToken): Promise<FoundKey> {
  const known = findNow(source, token)
  if (known) return known
  await source.lookAgain()
  const found = findNow(source, token)
  if (found) return found
  if (!source.isSettled())
    throw new RegateError('KEYS_UNAVAILABLE', source.status().error ?? 'no keys were loaded yet')
  throw new RegateError('TOKEN_KEY_UNKNOWN', `not exactly one key for ${describe(token)}`)
}

function findNow(source: KeySource, token: WebToken): FoundKey | undefined {
  const set = source.current()
  const key = set && selectKey(set, token)
  return set && key && { key, set }
}

function describe({ algorithm, keyId }: WebToken): string {
  return keyId === undefined ? `${algorithm} without kid` : `${algorithm} and kid ${quoteBriefly(keyId)}`
}
