import { createPublicKey, type KeyObject } from 'node:crypto'
import { RegateError } from '../errors.ts'
import type { KeySet } from './key-set.ts'
import { holdsSecret, parseKeySet } from './parse-key-set.ts'
import { toVerificationKey } from './to-verification-key.ts'

const PEM_LABEL = /^-----BEGIN ([A-Z0-9 ]+)-----/gm
const PUBLIC_LABELS = new Set(['PUBLIC KEY', 'RSA PUBLIC KEY', 'CERTIFICATE'])

/**
 * Reads a file of public keys: a JSON Web Key Set, or one PEM block (RFC 7468) with a public key or a certificate, whose
 * dates are not looked at. Throws `CONFIG_INVALID` for private keys, for several PEM blocks and where no key is usable.
 */
export function parseKeyFile(text: string): KeySet {
  const labels = [...text.matchAll(PEM_LABEL)].map((match) => match[1] ?? '')
  return labels.length > 0 ? parsePem(text, labels) : parseJson(text)
}

function parsePem(text: string, labels: readonly string[]): KeySet {
  const [label = ''] = labels
  if (labels.some((name) => name.includes('PRIVATE')))
    throw refused('it holds a private key; give the public one')
  if (labels.length > 1) throw refused('it holds several PEM blocks; a key set is needed for several keys')
  if (!PUBLIC_LABELS.has(label))
    throw refused(`a PEM block "${label}" is neither a public key nor a certificate`)
  return { keys: [toVerificationKey(readPem(text), {})], unusable: [] }
}

function readPem(text: string): KeyObject {
  try {
    return createPublicKey(text)
  } catch (cause) {
    throw new RegateError('CONFIG_INVALID', 'the PEM block cannot be read', { cause })
  }
}

function parseJson(text: string): KeySet {
  if (holdsSecret(text)) throw refused('it holds a private or symmetric key; give the public ones')
  const set = parseKeySet(text)
  if (set.keys.length === 0) throw refused(['it holds no usable key', ...set.unusable].join('; '))
  return set
}

function refused(reason: string): RegateError {
  return new RegateError('CONFIG_INVALID', reason)
}
