import { isArray, isNumber } from '../../values/value.ts'
import type { Value } from '../../values/value.ts'

/** The segments of a path of `json.patch`: a JSON pointer, its first slash optional, or a list. Source: RFC 6901; OPA, v1/topdown/json.go. */
export function parsePatchPath(path: Value): readonly Value[] | undefined {
  if (isArray(path)) return path
  if (typeof path !== 'string') return undefined
  if (path === '') return []
  return path
    .replace(/^\/+/, '')
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** The place in a list of this length that a segment means; `-` is the place after the last. May be out of bounds. */
export function parseIndex(segment: Value, length: number): number | undefined {
  if (segment === '-') return length
  const isText = typeof segment === 'string'
  const text = isText ? segment : isNumber(segment) ? segment.text : ''
  if (!/^[+-]?(?=.{1,19}$)(?:\d+(?:\.0*)?|\.0*)$/.test(text)) return undefined
  if (isText && text.startsWith('0') && text !== '0') return undefined
  return Number(text.replace(/\..*/s, ''))
}
