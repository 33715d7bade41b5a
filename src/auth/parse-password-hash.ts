/** What a check of a hash costs, or why the hash is refused. No text of it is ever repeated. */
export type ParsedHash =
  | {
      /** Estimated microseconds, to compare hashes by. */
      readonly cost: number
      /** A hash of the same cost that no password has. */
      readonly decoy: string
    }
  | { readonly problem: string }

/** A bcrypt or argon2id hash, whose parameters are bounded: a check must not take the machine away from everybody else. */
export function parsePasswordHash(text: string): ParsedHash {
  if (text.startsWith('$argon2')) return parseArgon2(text)
  const [, digits] = BCRYPT.exec(text) ?? []
  if (digits !== undefined) return parseBcrypt(Number(digits))
  return { problem: 'only bcrypt ($2a$, $2b$, $2y$; htpasswd -B) and argon2id hashes are accepted' }
}

const BCRYPT = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/
const LEAST_COST = 4
/** About four seconds a check: more would be an outage. */
const MOST_COST = 16
const MICROSECONDS_A_ROUND = 65

function parseBcrypt(cost: number): ParsedHash {
  if (cost < LEAST_COST || cost > MOST_COST)
    return { problem: `a cost of ${LEAST_COST} to ${MOST_COST} is expected` }
  return {
    cost: 2 ** cost * MICROSECONDS_A_ROUND,
    decoy: `$2b$${String(cost).padStart(2, '0')}$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZabcde`,
  }
}

// RFC 9106 §3.1 bounds, in the PHC string format; numbers without leading zeros.
const ARGON2 =
  /^\$argon2id\$v=19\$m=([1-9]\d{0,9}),t=([1-9]\d{0,9}),p=([1-9]\d{0,9})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/
const MOST_MEMORY_KIB = 256 * 1024
const MOST_PASSES = 10
const MOST_LANES = 16
const MICROSECONDS_A_KIB = 0.7

function parseArgon2(text: string): ParsedHash {
  const [, memoryDigits, passDigits, laneDigits, salt = '', digest = ''] = ARGON2.exec(text) ?? []
  if (memoryDigits === undefined || !hasBytes(salt, 8, 48) || !hasBytes(digest, 16, 64))
    return { problem: 'argon2id of version 19 is expected ($argon2id$v=19$m=…,t=…,p=…$salt$hash)' }
  const [memory, passes, lanes] = [Number(memoryDigits), Number(passDigits), Number(laneDigits)]
  if (memory > MOST_MEMORY_KIB || passes > MOST_PASSES || lanes > MOST_LANES)
    return { problem: `at most m=${MOST_MEMORY_KIB}, t=${MOST_PASSES} and p=${MOST_LANES} are expected` }
  if (memory < 8 * lanes) return { problem: 'm is to be at least eight times p' }
  return {
    cost: memory * passes * MICROSECONDS_A_KIB,
    decoy: `$argon2id$v=19$m=${memory},t=${passes},p=${lanes}$${'A'.repeat(22)}$${'A'.repeat(43)}`,
  }
}

/** Base64 without padding, and without bits that would be thrown away. */
function hasBytes(base64: string, least: number, most: number): boolean {
  const bytes = Buffer.from(base64, 'base64')
  return (
    bytes.toString('base64').replace(/=+$/, '') === base64 && bytes.length >= least && bytes.length <= most
  )
}
