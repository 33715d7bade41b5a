import { verify as verifyArgon2 } from '@node-rs/argon2'
import { verify as verifyBcrypt } from '@node-rs/bcrypt'

/** bcrypt does not look at what comes after. */
const MOST_BCRYPT_BYTES = 72

/** Whether a password has this hash, which `parsePasswordHash` has accepted. Takes a thread of the pool, not this one. */
export async function verifyPassword(password: string, hash: string): Promise<boolean> {
  if (hash.startsWith('$argon2')) return verifyArgon2(hash, password)
  const fits = await verifyBcrypt(password, hash)
  return fits && Buffer.byteLength(password) <= MOST_BCRYPT_BYTES
}
