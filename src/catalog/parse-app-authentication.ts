import { AUTHENTICATION_METHODS, type AuthenticationMethod } from '../decision/identity.ts'
import type { AppAuthentication } from '../decision/ports.ts'
import type { Challenge } from '../decision/verdict.ts'
import type { YamlEntry, YamlNode } from './parse-yaml.ts'
import { type Fields, quote, readFields, readFlag, readList, type Report } from './yaml-fields.ts'

const NAMES = ['methods', 'issuers', 'audiences', 'scopes', 'realm', 'challenge', 'ignore_invalid']
const CHALLENGE_NAMES = ['scope', 'acr_values', 'max_age']
const ISSUED: readonly AuthenticationMethod[] = ['jwt', 'introspection']
// RFC 6749 section 3.3, scope-token: nothing that would end a quoted string.
const TOKEN = /^[\x21\x23-\x5b\x5d-\x7e]{1,100}$/
const REALM = /^[A-Za-z0-9 ._:/-]{1,100}$/
const MAX_CHALLENGE_LENGTH = 1_000

type Read<T> = { readonly value: T } | { readonly problem: string }

/**
 * Parses `authentication` of an app's METADATA: `methods`, `issuers`, `audiences` and `scopes` that it accepts, its `realm`, what its
 * `challenge` asks for (`scope`, `acr_values`, `max_age` in seconds), and `ignore_invalid`. What is wrong is reported at its place.
 */
export function parseAppAuthentication(node: YamlNode, report: Report): AppAuthentication {
  const fields = readFields(node, 'authentication', NAMES, report)
  const methods = readTokens(fields.get('methods'), readMethod, report)
  for (const name of ['issuers', 'audiences']) refuseUseless(fields.get(name), methods, report)
  const issuers = readTokens(fields.get('issuers'), readName, report)
  const audiences = readTokens(fields.get('audiences'), readName, report)
  const scopes = readTokens(fields.get('scopes'), readToken, report)
  refuseLong(scopes, fields.get('scopes'), report)
  const realm = readRealm(fields.get('realm'), report)
  const challenge = readChallenge(fields.get('challenge'), report)
  const flag = fields.get('ignore_invalid')
  return Object.freeze({
    ...(methods === undefined ? {} : { methods }),
    ...(issuers === undefined ? {} : { issuers }),
    ...(audiences === undefined ? {} : { audiences }),
    ...(scopes === undefined ? {} : { scopes }),
    ...(realm === undefined ? {} : { realm }),
    ...(challenge === undefined ? {} : { challenge }),
    ignoresInvalid: flag !== undefined && readFlag(flag.value, report),
  })
}

function readTokens<T>(
  entry: YamlEntry | undefined,
  read: (text: string) => Read<T>,
  report: Report,
): readonly T[] | undefined {
  return entry && Object.freeze([...new Set(readList(entry.value, read, report))])
}

function readMethod(text: string): Read<AuthenticationMethod> {
  const value = AUTHENTICATION_METHODS.find((method) => method === text)
  return value === undefined
    ? { problem: `${quote(text)} is no method: write one of ${AUTHENTICATION_METHODS.join(', ')}` }
    : { value }
}

function readName(text: string): Read<string> {
  const isName = text !== '' && text.length <= 1_000 && text.isWellFormed() && !/\p{Cc}|^\s|\s$/u.test(text)
  return isName
    ? { value: text }
    : { problem: 'write a text on one line, not empty and without blanks around it' }
}

function readToken(text: string): Read<string> {
  return TOKEN.test(text)
    ? { value: text }
    : { problem: `write visible ASCII characters without blanks, " and \\, and not ${quote(text)}` }
}

/** Nobody could use the app, or the list would be thought to restrict what it does not. */
function refuseUseless(
  entry: YamlEntry | undefined,
  methods: readonly AuthenticationMethod[] | undefined,
  report: Report,
): void {
  if (entry === undefined || methods === undefined || methods.some((method) => ISSUED.includes(method)))
    return
  report(`${entry.key} restricts ${ISSUED.join(' and ')}, and methods names neither`, entry.keyAt)
}

function refuseLong(
  tokens: readonly string[] | undefined,
  entry: YamlEntry | undefined,
  report: Report,
): void {
  if (entry === undefined || tokens === undefined || tokens.join(' ').length <= MAX_CHALLENGE_LENGTH) return
  report(`${entry.key} has more than ${MAX_CHALLENGE_LENGTH} characters, too many for a header`, entry.keyAt)
}

function readRealm(entry: YamlEntry | undefined, report: Report): string | undefined {
  if (entry === undefined) return undefined
  const { value } = entry
  if (value.kind === 'scalar' && typeof value.value === 'string' && REALM.test(value.value))
    return value.value
  report('realm is a text of up to 100 letters, digits, spaces and . _ : / -', value.at)
  return undefined
}

function readChallenge(entry: YamlEntry | undefined, report: Report): Challenge | undefined {
  if (entry === undefined) return undefined
  const fields = readFields(entry.value, 'challenge', CHALLENGE_NAMES, report)
  const scope = readWords(fields, 'scope', report)
  const acrValues = readWords(fields, 'acr_values', report)
  const maxAgeSeconds = readMaxAge(fields.get('max_age'), report)
  return Object.freeze({
    ...(scope === undefined ? {} : { scope }),
    ...(acrValues === undefined ? {} : { acrValues }),
    ...(maxAgeSeconds === undefined ? {} : { maxAgeSeconds }),
  })
}

function readWords(fields: Fields, name: string, report: Report): string | undefined {
  const words = readTokens(fields.get(name), readToken, report)
  refuseLong(words, fields.get(name), report)
  return words === undefined || words.length === 0 ? undefined : words.join(' ')
}

function readMaxAge(entry: YamlEntry | undefined, report: Report): number | undefined {
  if (entry === undefined) return undefined
  const { value } = entry
  if (value.kind === 'scalar' && typeof value.value === 'number' && isSeconds(value.value)) return value.value
  report('max_age is a whole number of seconds', value.at)
  return undefined
}

function isSeconds(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}
