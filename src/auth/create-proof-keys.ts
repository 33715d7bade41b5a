import { calculateJwkThumbprint } from 'jose'
import { LRUCache } from 'lru-cache'
import { RegateError } from '../errors.ts'
import type { VerificationKey } from './key-set.ts'
import type { CompactToken } from './read-compact.ts'
import { readPublicKey } from './read-public-key.ts'

/** A key that some token is bound to. */
export type ProofKey = VerificationKey['key']

/**
 * The key of a proof, whose thumbprint (RFC 7638) has to be the one that is wanted. Throws `TOKEN_BINDING_INVALID` for another one,
 * and `CONFIG_INVALID` for what is no public key for the proof's algorithm.
 */
export type ReadProofKey = (proof: CompactToken, thumbprint: string) => Promise<ProofKey>

const MOST_KEPT = 1_000

/** Reads keys, and keeps those that were wanted: a client shows the same one in each proof, and reading it is most of the work. */
export function createProofKeys(): ReadProofKey {
  const kept = new LRUCache<string, ProofKey>({ max: MOST_KEPT })
  return async ({ header: { jwk }, algorithm }, thumbprint) => {
    // The text stands for the key, its algorithm and the thumbprint that it has been found to have.
    const place = `${thumbprint} ${algorithm} ${JSON.stringify(jwk)}`
    const known = kept.get(place)
    if (known !== undefined) return known
    const { key, algorithms } = readPublicKey(jwk)
    if (!algorithms.has(algorithm))
      throw new RegateError('CONFIG_INVALID', 'its key does not fit the algorithm')
    // The key's own members: of those that were sent there could be several spellings.
    if ((await calculateJwkThumbprint(key.export({ format: 'jwk' }))) !== thumbprint)
      throw new RegateError('TOKEN_BINDING_INVALID', 'the token is bound to another key than the proof has')
    if (place.length <= LONGEST_KEPT) kept.set(place, key)
    return key
  }
}

/** A key of RSA with 8192 bits fits in. */
const LONGEST_KEPT = 4_096
