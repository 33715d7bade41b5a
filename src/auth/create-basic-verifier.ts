import { createHmac, randomBytes } from 'node:crypto'
import { verify } from '@node-rs/bcrypt'
import { LRUCache } from 'lru-cache'
import type { Identity } from '../decision/identity.ts'
import { RegateError } from '../errors.ts'
import type { FollowedFile } from './create-followed-file.ts'
import { createTurnstile } from './create-turnstile.ts'
import { type BasicCredential, parseBasic } from './parse-basic.ts'
import type { PasswordTable } from './parse-htpasswd.ts'
import type { Profile } from './read-profile.ts'
import { toIdentified, type Verified } from './verified.ts'

interface BasicFiles {
  readonly passwords: FollowedFile<PasswordTable>
  readonly users: FollowedFile<ReadonlyMap<string, Profile>> | undefined
}

interface Tables {
  readonly passwords: PasswordTable
  readonly users: ReadonlyMap<string, Profile> | undefined
}

const MOST_KEPT = 1_000
const MOST_AT_ONCE = 2
const MOST_WAITING = 100
/** bcrypt does not look at what comes after. */
const MOST_PASSWORD_BYTES = 72

/**
 * Verifies Basic credentials against bcrypt hashes. A success is kept, under a digest keyed anew in each process, until
 * a file changes. An unknown user costs as much as a known one.
 * Throws `BASIC_MALFORMED`, `BASIC_INVALID` or `BASIC_OVERLOADED`.
 */
export function createBasicVerifier(files: BasicFiles) {
  const secret = randomBytes(32)
  const kept = new LRUCache<string, Tables & Verified>({ max: MOST_KEPT })
  const pending = new Map<string, Promise<Verified>>()
  const pass = createTurnstile(MOST_AT_ONCE, MOST_WAITING)

  async function verifyAndKeep(encoded: string, digest: string): Promise<Verified> {
    const tables = { passwords: files.passwords.current(), users: files.users?.current() }
    const credential = parseBasic(encoded)
    await pass(() => verifyPassword(credential, tables.passwords))
    const verified = { ...tables, answer: toIdentified(toIdentity(credential.user, tables)) }
    kept.set(digest, verified)
    return verified
  }

  return function verifyBasic(encoded: string): Verified | Promise<Verified> {
    const digest = createHmac('sha256', secret).update(encoded).digest('base64')
    const entry = kept.get(digest)
    const isCurrent = entry?.passwords === files.passwords.current() && entry.users === files.users?.current()
    if (entry && isCurrent) return entry
    // A page of fifty pictures is one password, not fifty.
    const waiting = pending.get(digest)
    if (waiting) return waiting
    const checking = verifyAndKeep(encoded, digest).finally(() => pending.delete(digest))
    pending.set(digest, checking)
    return checking
  }
}

async function verifyPassword({ user, password }: BasicCredential, table: PasswordTable): Promise<void> {
  const hash = table.hashes.get(user)
  const fits = await verify(password, hash ?? table.decoy)
  const isWhole = Buffer.byteLength(password) <= MOST_PASSWORD_BYTES
  if (hash === undefined || !fits || !isWhole)
    throw new RegateError('BASIC_INVALID', 'unknown user or wrong password')
}

const NOBODY: Profile = { roles: Object.freeze([]), groups: Object.freeze([]), scopes: Object.freeze([]) }

function toIdentity(user: string, { users }: Tables): Identity {
  return Object.freeze({
    subject: user,
    ...(users?.get(user) ?? NOBODY),
    claims: Object.freeze({ __proto__: null }),
    authenticatedBy: 'basic',
  })
}
