import { isArray, isObject, type ObjectValue, type Value } from '../../values/value.ts'
import { attempt } from '../bytes/attempt.ts'
import { decodeBase64 } from '../bytes/decode-base64.ts'
import { parseLeadingJson } from '../bytes/parse-json.ts'
import { parseCertificate } from '../certificates/parse-certificate.ts'
import type { VerificationKey } from './key-material.ts'
import { isKeyAlgorithm } from './key-algorithms.ts'
import { toWebKeyMaterial } from './to-web-key-material.ts'
import { findMember } from './read-token.ts'

/** The library behind OPA refuses larger sets and longer chains. */
const MAXIMUM_KEYS = 1000
const MAXIMUM_CHAIN = 10

/** One key or a set. Undefined where one of them is broken, of an unknown type or for an unknown algorithm. Source: RFC 7517. */
export function parseJsonWebKeys(text: string): readonly VerificationKey[] | undefined {
  const { value = null, rest = '' } = parseLeadingJson(text) ?? {}
  if (!isObject(value)) return undefined
  const list = findMember(value, 'keys')
  // After a sole key OPA reads no further.
  if (list === undefined) return toKeys([value])
  if (rest !== '') return undefined
  return isArray(list) && list.length <= MAXIMUM_KEYS ? toKeys(list) : undefined
}

function toKeys(values: readonly Value[]): readonly VerificationKey[] | undefined {
  const keys: VerificationKey[] = []
  for (const value of values) {
    const key = isObject(value) ? attempt(() => toKey(value)) : undefined
    if (key === undefined) return undefined
    keys.push(key)
  }
  return keys
}

function toKey(value: ObjectValue): VerificationKey | undefined {
  const members = new Map(value.entries)
  const algorithm = members.get('alg') ?? ''
  if (members.has('alg') && !isKeyAlgorithm(members.get('alg'))) return undefined
  if (!hasSoundAttributes(members) || typeof algorithm !== 'string') return undefined
  const keyId = members.get('kid')
  const material = toWebKeyMaterial(value)
  return material && { algorithm, keyId: typeof keyId === 'string' ? keyId : '', material }
}

/** What describes the key must have its form, though nothing here heeds it. */
function hasSoundAttributes(members: ReadonlyMap<Value, Value>): boolean {
  const texts = ['kid', 'use', 'x5t', 'x5t#S256', 'x5u'].map((name) => members.get(name) ?? '')
  return (
    texts.every((text) => typeof text === 'string') &&
    areOperations(members.get('key_ops')) &&
    (!members.has('x5c') || isChain(members.get('x5c')))
  )
}

/** Any names will do; `null` is the empty list, or the empty name. */
function areOperations(value: Value | undefined): boolean {
  if (value === undefined || value === null) return true
  return isArray(value) && value.every((name) => name === null || typeof name === 'string')
}

/** Source: RFC 7517, 4.7. */
function isChain(value: Value | undefined): boolean {
  if (!Array.isArray(value) || value.length > MAXIMUM_CHAIN) return false
  return value.every((text: Value) => {
    const bytes = typeof text === 'string' ? decodeBase64(text.replace(/[ \t\v\f]/g, '')) : undefined
    return bytes !== undefined && attempt(() => parseCertificate(bytes)) !== undefined
  })
}
