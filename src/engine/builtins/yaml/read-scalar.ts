import type { Scalar } from 'yaml'
import { toNumber } from '../../values/value.ts'
import type { Value } from '../../values/value.ts'
import { decodeBase64 } from '../bytes/decode-base64.ts'
import { decodeUtf8 } from '../bytes/decode-utf8.ts'
import { type Plain, resolvePlain } from './resolve-plain.ts'
import { Unreadable } from './unreadable.ts'
import { writeFloat } from './write-scalar.ts'

/** What a scalar says, its kind apart: `1` and `"1"` are different keys while maps are merged. */
export type ReadScalar = Plain | { readonly kind: 'string'; readonly text: string }

const PREFIX = 'tag:yaml.org,2002:'
const KINDS = new Map([
  ['null', 'null'],
  ['bool', 'boolean'],
  ['int', 'integer'],
  ['float', 'float'],
])

/** `source`: the text that the scalar stands in. @throws Unreadable where an explicit tag does not fit. */
export function readScalar(node: Scalar, source: string): ReadScalar {
  const text = readContent(node, source)
  const tag = shortTag(node.tag)
  const isBare = tag === undefined && (node.type === undefined || node.type === 'PLAIN')
  const wanted = KINDS.get(tag ?? '')
  if (isBare) return toRead(resolvePlain(text), text)
  if (wanted !== undefined) return coerce(resolvePlain(text), wanted)
  if (tag === 'timestamp') throw new Unreadable('an explicit timestamp')
  return { kind: 'string', text: tag === 'binary' ? decodeBinary(text) : text }
}

/** A key as the JSON object has it; floats are rounded to single precision. Undefined for null. */
export function toKeyText(scalar: ReadScalar): string | undefined {
  if ('text' in scalar) return scalar.text
  switch (scalar.kind) {
    case 'boolean':
    case 'integer':
      return String(scalar.value)
    case 'float':
      return writeSingle(scalar.value)
    case 'null':
    case 'timestamp':
    case 'string':
      return undefined
    default:
      throw new TypeError('no such kind', { cause: scalar satisfies never })
  }
}

/** @throws Unreadable for NaN and infinities, which JSON cannot say. */
export function toValue(scalar: ReadScalar): Value {
  if ('text' in scalar) return scalar.text
  switch (scalar.kind) {
    case 'boolean':
      return scalar.value
    case 'integer':
      return toNumber(scalar.value)
    case 'float':
      if (!Number.isFinite(scalar.value)) throw new Unreadable('a number without end')
      return Object.is(scalar.value, -0) ? { kind: 'number', text: '-0' } : toNumber(scalar.value)
    case 'null':
    case 'timestamp':
    case 'string':
      return null
    default:
      throw new TypeError('no such kind', { cause: scalar satisfies never })
  }
}

export function shortTag(tag: string | undefined): string | undefined {
  if (tag === undefined || tag === '!') return undefined
  return tag.startsWith(PREFIX) ? tag.slice(PREFIX.length) : tag
}

/** To go-yaml a block that ends with the text has no last line feed. */
function readContent({ value, type, range }: Scalar, source: string): string {
  if (typeof value !== 'string') return ''
  const isAtEnd = (range?.[1] ?? 0) >= source.length && !source.endsWith('\n')
  return isAtEnd && type?.startsWith('BLOCK_') === true ? value.replace(/\n$/, '') : value
}

function toRead(plain: Plain, text: string): ReadScalar {
  return plain.kind === 'string' || plain.kind === 'timestamp' ? { kind: 'string', text } : plain
}

function coerce(plain: Plain, wanted: string): ReadScalar {
  if (wanted === 'float' && plain.kind === 'integer') return { kind: 'float', value: Number(plain.value) }
  if (plain.kind !== wanted) throw new Unreadable('a tag that does not fit')
  return plain
}

function decodeBinary(text: string): string {
  const bytes = decodeBase64(text)
  if (bytes === undefined) throw new Unreadable('binary data that is no base64')
  return decodeUtf8(bytes)
}

/** Go's `FormatFloat(…, 'g', -1, 32)`. */
function writeSingle(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? '.nan' : value > 0 ? '.inf' : '-.inf'
  const single = Math.fround(value)
  if (!Number.isFinite(single)) return single > 0 ? '.inf' : '-.inf'
  let shortest = single
  for (let digits = 1; digits <= 9; digits += 1) {
    shortest = Number(single.toPrecision(digits))
    if (Math.fround(shortest) === single) break
  }
  return writeFloat(shortest)
}
