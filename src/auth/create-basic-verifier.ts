import { hash, randomBytes } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Identity } from '../decision/identity.ts'
import { RegateError } from '../errors.ts'
import { createBrake } from './create-brake.ts'
import type { FollowedFile } from './create-followed-file.ts'
import { createTurnstile } from './create-turnstile.ts'
import { type BasicCredential, parseBasic } from './parse-basic.ts'
import type { PasswordTable } from './parse-htpasswd.ts'
import type { Profile } from './read-profile.ts'
import { toSubscriber } from './to-subscriber.ts'
import { toIdentified, type Verified } from './verified.ts'
import { verifyPassword } from './verify-password.ts'

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
const MOST_FAILURES = 10
const FAILURE_WINDOW_MS = 300_000
const MOST_BRAKED = 10_000

/**
 * Verifies Basic credentials against bcrypt and argon2id hashes. A success is kept, under a digest keyed anew in each process,
 * until a file changes. An unknown user costs as much as the costliest known one. After ten failures in five minutes a user is
 * not verified any more from the same address for the rest of them; who was verified before, and everybody elsewhere, is
 * answered as ever. Without a known address there is no such brake: it would lock out everybody.
 * Throws `BASIC_MALFORMED`, `BASIC_INVALID` or `BASIC_OVERLOADED`.
 */
export function createBasicVerifier(files: BasicFiles, now: () => number) {
  const secret = randomBytes(32).toString('base64')
  const kept = new LRUCache<string, Tables & Verified>({ max: MOST_KEPT })
  const pending = new Map<string, Promise<Verified>>()
  const pass = createTurnstile(MOST_AT_ONCE, MOST_WAITING)
  const brake = createBrake({
    failures: MOST_FAILURES,
    windowMs: FAILURE_WINDOW_MS,
    entries: MOST_BRAKED,
    now,
  })
  // One call takes a twentieth of the time of an HMAC; nobody sees a digest, so that nobody can extend one.
  const toDigest = (text: string) => hash('sha256', `${secret}${text}`, 'base64')

  async function verifyAndKeep(encoded: string, digest: string, address: string | undefined) {
    const tables = { passwords: files.passwords.current(), users: files.users?.current() }
    const credential = parseBasic(encoded)
    const check = () => pass(() => refuseWrong(credential, tables.passwords))
    // Digests have one length, however long a user's name is.
    if (address === undefined) await check()
    else await brake(toDigest(`${toSubscriber(address)} ${credential.user}`), check)
    const verified = { ...tables, answer: toIdentified(toIdentity(credential.user, tables)) }
    kept.set(digest, verified)
    return verified
  }

  return function verifyBasic(encoded: string, address: string | undefined): Verified | Promise<Verified> {
    const digest = toDigest(encoded)
    const entry = kept.get(digest)
    const isCurrent = entry?.passwords === files.passwords.current() && entry.users === files.users?.current()
    if (entry && isCurrent) return entry
    // A page of fifty pictures is one password, not fifty.
    const place = `${digest} ${address}`
    const waiting = pending.get(place)
    if (waiting) return waiting
    const checking = verifyAndKeep(encoded, digest, address).finally(() => pending.delete(place))
    pending.set(place, checking)
    return checking
  }
}

async function refuseWrong({ user, password }: BasicCredential, table: PasswordTable): Promise<void> {
  const known = table.hashes.get(user)
  const fits = await verifyPassword(password, known ?? table.decoy)
  if (known === undefined || !fits) throw new RegateError('BASIC_INVALID', 'unknown user or wrong password')
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
