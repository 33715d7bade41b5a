import { parseAddress } from '../parse-address.ts'
import { compilePattern } from '../patterns/compile-pattern.ts'
import { readUri } from './read-uri.ts'
import { isMailAddress } from './is-mail-address.ts'

/** Does a text have a format? One that gojsonschema does not know holds for every text. Source: gojsonschema, format_checkers.go. */
export function isFormat(format: string, text: string): boolean {
  return FORMATS.get(format)?.(text) ?? true
}

const LABEL = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]{0,61}[a-zA-Z0-9])'
const HOSTNAME = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`)

const FORMATS = new Map<string, (text: string) => boolean>([
  ['date', isDate],
  ['time', isTime],
  ['date-time', (text) => isTime(text) || isDate(text) || isDateTime(text)],
  ['hostname', (text) => Buffer.byteLength(text) < 256 && HOSTNAME.test(text)],
  ['email', isMailAddress],
  ['idn-email', isMailAddress],
  ['ipv4', (text) => isAddress(text) && text.includes('.')],
  ['ipv6', (text) => isAddress(text) && text.includes(':')],
  ['uri', isUri],
  ['uri-reference', isUriReference],
  ['iri', isUri],
  ['iri-reference', isUriReference],
  ['uri-template', isUriTemplate],
  ['uuid', (text) => /^[a-f\d]{8}-[a-f\d]{4}-[a-f\d]{4}-[a-f\d]{4}-[a-f\d]{12}$/i.test(text)],
  ['regex', (text) => compilePattern(text) !== undefined],
  ['json-pointer', (text) => /^(?:\/(?:[^~/]|~0|~1)*)*$/.test(text)],
  ['relative-json-pointer', (text) => /^(?:0|[1-9]\d*)(?:#|(?:\/(?:[^~/]|~0|~1)*)*)$/.test(text)],
])

function isAddress(text: string): boolean {
  return parseAddress(text)?.hasZone === false
}

function isUri(text: string): boolean {
  const uri = readUri(text)
  return uri !== undefined && uri.scheme !== '' && !text.includes('\\')
}

function isUriReference(text: string): boolean {
  return readUri(text) !== undefined && !text.includes('\\')
}

/** Braces in the path stand in pairs. */
function isUriTemplate(text: string): boolean {
  const path = text.includes('\\') ? undefined : readUri(text)?.path
  return path !== undefined && !path.replace(/\{[^}]*\}/g, '').includes('{')
}

function isDate(text: string): boolean {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? []
  return isDay(Number(year), Number(month), Number(day))
}

/** An hour may have one digit, as Go reads times. */
function isTime(text: string): boolean {
  const [, hour, minute, second, zoneHour = 0, zoneMinute = 0] =
    /^(\d\d?):(\d\d):(\d\d)(?:[.,]\d+)?(?:Z|[-+](\d\d):(\d\d))?$/.exec(text) ?? []
  const isClock = Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60
  return isClock && Number(zoneHour) <= 24 && Number(zoneMinute) <= 60
}

function isDateTime(text: string): boolean {
  const at = text.indexOf('T')
  return (
    at > 0 && isDate(text.slice(0, at)) && /(?:Z|[-+]\d\d:\d\d)$/.test(text) && isTime(text.slice(at + 1))
  )
}

function isDay(year: number, month: number, day: number): boolean {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  const days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0
  return day >= 1 && day <= days
}
