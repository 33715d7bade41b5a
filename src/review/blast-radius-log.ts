import { isIP } from 'node:net'
import { isRecord } from '../decision/is-record.ts'
import { AUTHENTICATION_METHODS } from '../decision/identity.ts'
import type { CaseCaller, CaseRequest, RequestCase } from '../decision/request-case.ts'

/** A decision of the log that can be asked again, or the reason why it cannot. */
export type LoggedDecision =
  | {
      readonly kind: 'replayable'
      readonly requestCase: RequestCase
      readonly status: number
      readonly app?: string
      /** The query had values, which the log masks. */
      readonly hasQuery: boolean
    }
  | { readonly kind: 'left'; readonly reason: string }
  /** Another line of the log. */
  | { readonly kind: 'none' }

/** What the log knows nothing of, for people. */
export const NOT_IN_THE_LOG =
  'the log holds no headers, no values of queries, no ports, and of a caller neither groups, scopes, claims, email nor name'

/**
 * Reads a line of the decision log (`observe/decision-log.ts`). Nothing is guessed: a decision whose request or caller the line
 * does not tell whole is left.
 */
export function parseLoggedDecision(line: string): LoggedDecision {
  const fields = toFields(line)
  if (fields === undefined) return { kind: 'none' }
  const { status, time, app } = fields
  if (typeof status !== 'number' || typeof time !== 'string') return left('the line is not whole')
  const caller = readCaller(fields)
  if (typeof caller === 'string') return left(caller)
  const request = readRequest(fields, { timeMs: Date.parse(time), isBrowser: status === 302 })
  if (typeof request === 'string') return left(request)
  const at = { file: 'the decision log', row: 1, column: 1 }
  return {
    kind: 'replayable',
    requestCase: { name: String(fields['id']), at, request, caller, expect: { outcome: 'allow' } },
    status,
    hasQuery: fields['query'] !== undefined,
    ...(typeof app === 'string' ? { app } : {}),
  }
}

type Fields = Readonly<Record<string, unknown>>

function left(reason: string): LoggedDecision {
  return { kind: 'left', reason }
}

function toFields(line: string): Fields | undefined {
  // Quicker than to read every line of a long log
  if (!line.includes('"decision"')) return undefined
  try {
    const value: unknown = JSON.parse(line)
    return isRecord(value) && value['msg'] === 'decision' ? value : undefined
  } catch {
    return undefined
  }
}

const SCHEMES = ['http', 'https', 'ws', 'wss'] as const

interface Circumstances {
  readonly timeMs: number
  /** A redirect was answered: only a browser is. */
  readonly isBrowser: boolean
}

function readRequest(fields: Fields, { timeMs, isBrowser }: Circumstances): CaseRequest | string {
  const { method, host, path, client_ip: clientIp } = fields
  const scheme = SCHEMES.find((name) => name === fields['scheme'])
  if (scheme === undefined || typeof method !== 'string' || typeof host !== 'string') return UNREAD
  if (typeof path !== 'string' || !path.startsWith('/')) return UNREAD
  if (![method, host, path].every(isWhole) || path.includes('***')) return 'the path is cut or masked'
  if (Number.isNaN(timeMs) || (clientIp !== undefined && !isAddress(clientIp))) return 'the line is not whole'
  return {
    method,
    scheme,
    authority: host,
    uri: encodePath(path),
    headers: isBrowser ? { accept: ['text/html'] } : {},
    timeMs,
    ...(isAddress(clientIp) ? { clientIp } : {}),
  }
}

function isAddress(value: unknown): value is string {
  return typeof value === 'string' && isIP(value) !== 0
}

const UNREAD = 'the request could not be read, whatever the policies say'

/** Decoded once as it is, an encoded slash stands in it as `%2F`. */
function encodePath(path: string): string {
  return path
    .split(/(%2F|\/)/u)
    .map((part) => (part === '%2F' || part === '/' ? part : encodeURIComponent(part)))
    .join('')
}

/** The log cuts long texts, and puts U+FFFD in the place of what a terminal obeys. */
function isWhole(text: string): boolean {
  return !text.includes('…') && !text.includes('\ufffd') && text.isWellFormed()
}

/** Longer lists are cut. */
const ROLES_LIMIT = 64

function readCaller(fields: Fields): CaseCaller | string {
  const { subject, issuer, roles, authenticated_by: method, outcome, code } = fields
  if (subject === undefined) {
    if (outcome === 'allowed' || code === 'CREDENTIALS_MISSING') return { kind: 'anonymous' }
    return /^(?:TOKEN|BASIC|KEYS)_/u.test(String(code))
      ? 'the credentials were refused, whatever the policies say'
      : 'the line does not say who was calling'
  }
  const authenticatedBy = AUTHENTICATION_METHODS.find((name) => name === method)
  if (authenticatedBy === undefined || !isWholeText(subject)) return CUT
  if (!isList(roles) || roles.length >= ROLES_LIMIT || !roles.every(isWholeText)) return CUT
  const identity = { subject, roles, groups: [], scopes: [], claims: {}, authenticatedBy }
  if (issuer === undefined) return { kind: 'identity', identity }
  return isWholeText(issuer) ? { kind: 'identity', identity: { ...identity, issuer } } : CUT
}

const CUT = 'what the line says of the caller is not whole'

function isWholeText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && isWhole(value)
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value)
}
