import { randomUUID } from 'node:crypto'
import { toNumber, toObject } from '../values/value.ts'
import type { Value } from '../values/value.ts'
import { writeValue } from '../values/write-value.ts'
import type { BuiltinTable } from './builtin.ts'

/** `uuid.*`. Source: OPA, v1/topdown/uuid.go; the forms that are read are those of github.com/google/uuid 1.6. */
export const uuidBuiltins: BuiltinTable = {
  'uuid.parse': ([text = null]) => describeUuid(text),
  'uuid.rfc4122': ([seed = null], context) => context.once(`uuid.rfc4122 ${writeValue(seed)}`, randomUUID),
}

/** 15 October 1582 to 1 January 1970, in 100 ns. */
const GREGORIAN_TICKS = 122_192_928_000_000_000n

function describeUuid(text: Value): Value | undefined {
  const digits = typeof text === 'string' ? readDigits(Buffer.from(text).toString('latin1')) : undefined
  if (digits === undefined) return undefined
  const bytes = Buffer.from(digits, 'hex')
  const version = Number.parseInt(digits.charAt(12), 16)
  const entries: [Value, Value][] = [
    ['version', toNumber(version)],
    ['variant', toVariant(bytes.readUInt8(8))],
  ]
  if (version === 1 || version === 2) entries.push(...describeTimeBased(bytes, digits))
  if (version === 2) {
    entries.push(['id', toNumber(bytes.readUInt32BE(0))], ['domain', toDomain(bytes.readUInt8(9))])
  }
  return toObject(entries)
}

/** The 32 digits. Of the form in braces only the length counts, to the library as well. */
function readDigits(bytes: string): string | undefined {
  if (bytes.length === 32) return /^[0-9a-f]{32}$/i.test(bytes) ? bytes : undefined
  let text = bytes
  if (text.length === 45 && /^urn:uuid:/i.test(text)) text = text.slice(9)
  if (text.length === 38) text = text.slice(1, 37)
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text) ? text.replaceAll('-', '') : undefined
}

function describeTimeBased(bytes: Buffer, digits: string): [Value, Value][] {
  const ticks = BigInt(`0x${digits.slice(13, 16)}${digits.slice(8, 12)}${digits.slice(0, 8)}`)
  // int64 in OPA as well, with its overflow.
  const nanoseconds = BigInt.asIntN(64, (ticks - GREGORIAN_TICKS) * 100n)
  return [
    ['time', toNumber(nanoseconds)],
    ['nodeid', digits.slice(20).toLowerCase().match(/../g)?.join('-') ?? ''],
    ['macvariables', toMacVariables(bytes.readUInt8(10))],
    ['clocksequence', toNumber(bytes.readUInt16BE(8) % 0x4000)],
  ]
}

function toVariant(byte: number): string {
  if (byte < 0x80) return 'Reserved'
  if (byte < 0xc0) return 'RFC4122'
  return byte < 0xe0 ? 'Microsoft' : 'Future'
}

function toDomain(byte: number): string {
  return ['Person', 'Group', 'Org'][byte] ?? `Domain${byte}`
}

function toMacVariables(byte: number): string {
  return ['global:unicast', 'global:multicast', 'local:unicast', 'local:multicast'][byte % 4] ?? ''
}
