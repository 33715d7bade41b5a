import type { KeySet, VerificationKey } from './key-set.ts'

interface KeyWish {
  readonly algorithm: string
  readonly keyId?: string
}

/**
 * The one key of the set that fits a token: by key id, else a key without one; without a key id in the token, the only
 * key for the algorithm. Undefined where none or several fit: which key it is may not depend on luck.
 */
export function selectKey(set: KeySet, { algorithm, keyId }: KeyWish): VerificationKey | undefined {
  const able = set.keys.filter((key) => key.algorithms.has(algorithm))
  if (keyId === undefined) return single(able)
  return single(able.filter((key) => key.id === keyId)) ?? single(able.filter((key) => key.id === undefined))
}

function single(keys: readonly VerificationKey[]): VerificationKey | undefined {
  return keys.length === 1 ? keys[0] : undefined
}
