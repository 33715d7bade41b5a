import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import { isRecord } from '../decision/is-record.ts'
import { RegateError } from '../errors.ts'
import type { VerificationKey } from './key-set.ts'
import { toVerificationKey } from './to-verification-key.ts'

/**
 * Reads a JSON Web Key (RFC 7517 §4) that verifies signatures. Throws `CONFIG_INVALID` with the reason for one that does not,
 * or that is private or symmetric.
 */
export function readPublicKey(entry: unknown): VerificationKey {
  if (!isRecord(entry)) throw unfit('not an object')
  if (isSecretKey(entry)) throw unfit('a private or symmetric key')
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

/** Whether a key is private or symmetric. */
export function isSecretKey(entry: unknown): boolean {
  return isRecord(entry) && SECRET_MEMBERS.some((member) => Object.hasOwn(entry, member))
}

function isOptionalText(value: unknown): value is string | undefined {
  return value === undefined || typeof value === 'string'
}

function unfit(reason: string): RegateError {
  return new RegateError('CONFIG_INVALID', reason)
}
