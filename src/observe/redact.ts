import { RegateError } from '../errors.ts'

const SECRET_KEY = /authorization|cookie|passw(?:or)?d|secret|token$|credential|api[-_]?key|^plain$/i
const MASK = '***'
const DEPTH_LIMIT = 5
const TEXT_LIMIT = 4096

/**
 * A copy of a log line's fields in which nothing that looks like a credential is left: values under telling names, tokens inside
 * texts, values of queries. Errors become plain objects with their code, stack and causes. Cut beyond a depth of 5.
 */
export function redactFields(fields: object): Record<string, unknown> {
  return redactRecord(fields, 0)
}

/** A text without tokens (RFC 6750, RFC 7617, RFC 7515), secrets of API keys, passwords of URLs and values of queries. */
export function redactText(text: string): string {
  return text
    .replaceAll(/\beyJ[\w-]{4,}(?:\.[\w-]*)*/g, MASK)
    .replaceAll(/\b(rgk_[a-z0-9]{8})_\w+/g, `$1_${MASK}`)
    .replaceAll(/\b(bearer|basic|dpop)(\s+)([\w.~+/=-]{4,})/gi, maskCredentials)
    .replaceAll(/(:\/\/)[^/\s@]+@/g, `$1${MASK}@`)
    .replaceAll(/([?&][^=&\s#"']+)=[^&\s#"']*/g, `$1=${MASK}`)
}

/** One plain word after the scheme is prose: "bearer tokens are refused". */
function maskCredentials(whole: string, scheme: string, space: string, rest: string): string {
  return /^[a-z]+\.?$/.test(rest) ? whole : `${scheme}${space}${MASK}`
}

function redactRecord(record: object, depth: number): Record<string, unknown> {
  const entries = Object.entries(record).map(([key, value]): [string, unknown] => [
    key,
    SECRET_KEY.test(key) ? MASK : redactValue(value, depth + 1),
  ])
  return Object.fromEntries(entries)
}

function redactValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return redactText(cleanText(value, TEXT_LIMIT))
  if (typeof value !== 'object' || value === null) return value
  if (depth > DEPTH_LIMIT) return '…'
  if (value instanceof Error) return redactRecord(toPlainError(value), depth)
  if (Array.isArray(value)) return value.map((element) => redactValue(element, depth + 1))
  return redactRecord(value, depth)
}

/** A coded error says where it comes from by its code. */
function toPlainError(error: Error): object {
  const { name, message, stack, cause } = error
  const origin = error instanceof RegateError ? {} : { stack }
  return { ...Object.fromEntries(Object.entries(error)), name, message, cause, ...origin }
}

/** Well-formed, at most `limit` characters, and without the controls that JSON leaves as they are but terminals obey. */
export function cleanText(text: string, limit: number): string {
  const cut = text.length > limit ? `${text.slice(0, limit)}…` : text
  // Nearly every text is plain.
  if (/^[\x20-\x7e…]*$/.test(cut)) return cut
  return cut
    .toWellFormed()
    .replaceAll(/[\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g, '\ufffd')
}
