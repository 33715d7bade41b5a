import { hash, randomInt } from 'node:crypto'
import { KEY_PREFIX } from './read-key-id.ts'

export interface NewApiKey {
  /** The public part. */
  readonly id: string
  /** All of it: the secret. Kept nowhere. */
  readonly key: string
}

const LOWER = 'abcdefghijklmnopqrstuvwxyz0123456789'
const LETTERS = `ABCDEFGHIJKLMNOPQRSTUVWXYZ${LOWER}`
/** 43 characters of 62 hold 256 bits. */
const SECRET_LENGTH = 43

/** Makes `rgk_<8 characters to look it up by>_<256 random bits>`; one double-click selects it whole. */
export function makeApiKey(): NewApiKey {
  const id = `${KEY_PREFIX}${pick(LOWER, 8)}`
  return { id, key: `${id}_${pick(LETTERS, SECRET_LENGTH)}` }
}

/**
 * SHA-256 of the whole key. A slow digest protects secrets that can be guessed; nobody guesses 256 random bits, and a slow
 * one would let strangers with wrong keys use up the machine.
 */
export function digestApiKey(key: string): Buffer {
  return hash('sha256', key, 'buffer')
}

function pick(alphabet: string, length: number): string {
  return Array.from({ length }, () => alphabet.charAt(randomInt(alphabet.length))).join('')
}
