import type { Challenge, Verdict } from './verdict.ts'
import { parseHeaders } from './parse-headers.ts'
import type { HeaderRules } from './parse-headers.ts'
import { isRecord } from './is-record.ts'
import { verdictInvalid } from './verdict-invalid.ts'

const RULES = new Set(['allow', 'deny', 'headers', 'roles', 'status', 'message', 'redirect', 'challenge'])
const MESSAGE_LIMIT = 2048

/**
 * Reads what a policy returned. Every rule is optional; a value of any other type than the verdict table's is
 * `VERDICT_INVALID`, never a guess. The OPA-Envoy object is accepted as the value of `allow`.
 */
export function parseVerdict(value: unknown, rules: HeaderRules): Verdict {
  if (!isRecord(value)) throw verdictInvalid('verdict', 'expected an object')
  for (const name of Object.keys(value))
    if (!RULES.has(name)) throw verdictInvalid(name, 'no rule of a verdict')
  const allow = parseAllow(value['allow'])
  return {
    allow: allow.allowed,
    deny: value['deny'] === undefined ? [] : parseStrings('deny', value['deny']),
    headers: parseHeaders(
      [
        ['allow.headers', allow.headers],
        ['headers', value['headers']],
      ],
      rules,
    ),
    ...optional('roles', value['roles'], parseRoles),
    ...optional('status', preferred(value['status'], allow.status), parseStatus),
    ...optional('message', preferred(value['message'], allow.body), parseMessage),
    ...optional('redirect', value['redirect'], parseRedirect),
    ...optional('challenge', value['challenge'], parseChallenge),
  }
}

function optional<Name extends string, Value>(
  name: Name,
  value: unknown,
  parse: (value: unknown) => Value,
): { [key in Name]?: Value } {
  return value === undefined ? {} : ({ [name]: parse(value) } as { [key in Name]: Value })
}

/** Not `??`: null is no value of a verdict and must be refused. */
function preferred(first: unknown, second: unknown): unknown {
  return first === undefined ? second : first
}

interface Allow {
  readonly allowed: boolean
  readonly headers?: unknown
  readonly status?: unknown
  readonly body?: unknown
}

/** Of the OPA-Envoy object, what ForwardAuth can carry out; its other members must still be of their type. */
function parseAllow(value: unknown): Allow {
  if (value === undefined) return { allowed: false }
  if (typeof value === 'boolean') return { allowed: value }
  if (!isRecord(value)) throw verdictInvalid('allow', 'expected true, false or an OPA-Envoy object')
  const {
    allowed,
    headers,
    http_status: status,
    body,
    response_headers_to_add,
    request_headers_to_remove,
    ...others
  } = value
  const unknown = Object.keys(others)[0]
  if (unknown !== undefined)
    throw verdictInvalid(
      `allow.${unknown}`,
      'no member of the OPA-Envoy object that ForwardAuth can carry out',
    )
  if (typeof allowed !== 'boolean') throw verdictInvalid('allow.allowed', 'expected true or false')
  if (response_headers_to_add !== undefined && !isRecord(response_headers_to_add))
    throw verdictInvalid('allow.response_headers_to_add', 'expected an object')
  if (request_headers_to_remove !== undefined)
    parseStrings('allow.request_headers_to_remove', request_headers_to_remove)
  // An allow carries no status of its own: opa-envoy ignores http_status there too.
  return { allowed, headers, ...(allowed ? {} : { status, body }) }
}

function parseStrings(rule: string, value: unknown): readonly string[] {
  if (Array.isArray(value) && value.every((element) => typeof element === 'string')) return value
  throw verdictInvalid(rule, 'expected a set or list of strings')
}

function parseRoles(value: unknown): readonly string[] {
  const roles = parseStrings('roles', value)
  if (roles.every((role) => role !== '' && role.isWellFormed())) return roles
  throw verdictInvalid('roles', 'expected strings that are not empty')
}

function parseStatus(value: unknown): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 400 && value <= 499) return value
  throw verdictInvalid('status', 'expected a whole number from 400 to 499')
}

function parseMessage(value: unknown): string {
  if (typeof value === 'string' && value.length <= MESSAGE_LIMIT) return value.toWellFormed()
  throw verdictInvalid('message', `expected text of at most ${MESSAGE_LIMIT} characters`)
}

/** Control characters, blanks and backslashes: browsers drop or turn them, and the URL becomes another one. */
const UNSAFE_IN_URL = /[\u0000-\u0020\u007f\\]/

function parseRedirect(value: unknown): string {
  if (typeof value !== 'string' || UNSAFE_IN_URL.test(value)) throw redirectInvalid()
  if (/^\/(?!\/)/.test(value)) return value
  if (!/^https?:\/\//i.test(value)) throw redirectInvalid()
  const url = URL.parse(value)
  if (url === null || url.username !== '' || url.password !== '') throw redirectInvalid()
  return url.href
}

function redirectInvalid(): Error {
  return verdictInvalid(
    'redirect',
    'expected an absolute http or https URL, or a path that starts with one /',
  )
}

function parseChallenge(value: unknown): Challenge {
  if (!isRecord(value))
    throw verdictInvalid('challenge', 'expected an object with acr_values, max_age or scope')
  const { acr_values, max_age, scope, ...others } = value
  const unknown = Object.keys(others)[0]
  if (unknown !== undefined)
    throw verdictInvalid(`challenge.${unknown}`, 'expected acr_values, max_age or scope')
  return {
    ...(acr_values === undefined ? {} : { acrValues: parseTokens('challenge.acr_values', acr_values) }),
    ...(max_age === undefined ? {} : { maxAgeSeconds: parseMaxAge(max_age) }),
    ...(scope === undefined ? {} : { scope: parseTokens('challenge.scope', scope) }),
  }
}

/** Text that can stand in a quoted string without escapes (RFC 6750 §3, scope-token). */
function parseTokens(rule: string, value: unknown): string {
  const text = Array.isArray(value) ? value.join(' ') : value
  if (typeof text === 'string' && /^[\x20\x21\x23-\x5b\x5d-\x7e]+$/.test(text)) return text
  throw verdictInvalid(rule, 'expected visible ASCII text without " and \\, or a list of it')
}

function parseMaxAge(value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  throw verdictInvalid('challenge.max_age', 'expected a whole number of seconds')
}
