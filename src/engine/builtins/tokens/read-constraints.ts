import { isNumber, type ObjectValue, type Value } from '../../values/value.ts'
import type { VerificationKey } from './key-material.ts'
import { parseVerificationKeys } from './parse-verification-keys.ts'

/** Empty texts: no such constraint. */
export interface Constraints {
  readonly keys: readonly VerificationKey[]
  readonly algorithm: string
  readonly issuer: string
  readonly audience: string
  /** The moment to judge by, in seconds: a double, as OPA reckons, in decimal digits. */
  readonly seconds: string
}

const TEXTS: readonly string[] = ['alg', 'iss', 'aud', 'secret', 'cert']

/** Undefined for an unknown constraint, one of another type, broken keys, and where there is not exactly one kind of key. */
export function readConstraints({ entries }: ObjectValue, nowNs: () => bigint): Constraints | undefined {
  const areKnown = entries.every(([name, value]) =>
    typeof name === 'string' && TEXTS.includes(name) ? typeof value === 'string' : name === 'time',
  )
  const members = new Map(entries)
  const nanoseconds = members.has('time') ? readTime(members.get('time')) : Number(nowNs())
  if (!areKnown || nanoseconds === undefined) return undefined
  const textOf = (name: string): string => {
    const value = members.get(name)
    return typeof value === 'string' ? value : ''
  }
  const keys = readKeys(members.has('cert') ? textOf('cert') : undefined, textOf('secret'))
  return (
    keys && {
      keys,
      algorithm: textOf('alg'),
      issuer: textOf('iss'),
      audience: textOf('aud'),
      seconds: String(nanoseconds / 1e9),
    }
  )
}

function readTime(value: Value | undefined): number | undefined {
  const time = value !== undefined && isNumber(value) ? Number(value.text) : Number.NaN
  return time >= 0 && Number.isFinite(time) ? time : undefined
}

function readKeys(certificate: string | undefined, secret: string): readonly VerificationKey[] | undefined {
  if (certificate === undefined) return secret === '' ? undefined : [toSecretKey(secret)]
  return secret === '' ? parseVerificationKeys(certificate) : undefined
}

function toSecretKey(secret: string): VerificationKey {
  return { algorithm: '', keyId: '', material: { kind: 'secret', bytes: Buffer.from(secret) } }
}
