import type { Authentication, Rejected } from '../decision/authentication.ts'
import { AUTHENTICATION_METHODS, type Identity } from '../decision/identity.ts'
import { isRecord } from '../decision/is-record.ts'
import { ERROR_STATUS, type ErrorCode, RegateError } from '../errors.ts'
import type { AskedRequest } from './explain-asked.ts'

/** A line of the decision log: what is not in it is not known. */
export type RecordedDecision = Readonly<Record<string, unknown>>

/** What a line of the decision log does not say, and a policy may ask. */
export const NOT_RECORDED =
  'Replayed from the decision log, which holds no headers, no values of a query, no groups, scopes, email, name and claims: a policy that asks for them may decide otherwise here.'

/**
 * Makes the request of a recorded decision again, as far as the log tells of it. `isReachable`: whether `/auth` leads to the
 * recorded app; else it was asked by its name. Throws `CONFIG_INVALID` for a request that could not be read when it came.
 */
export function toReplay(record: RecordedDecision, isReachable: (app: string) => boolean): AskedRequest {
  const [method, scheme, host, path] = ['method', 'scheme', 'host', 'path'].map((name) =>
    toText(record[name]),
  )
  if (method === undefined || scheme === undefined || host === undefined || path === undefined)
    throw new RegateError(
      'CONFIG_INVALID',
      `The request of this decision could not be read, so there is nothing to replay: ${String(record['code'])}, ${String(record['detail'])}`,
    )
  const query = toText(record['query'])
  const app = toText(record['app'])
  return {
    method,
    url: `${scheme}://${host}${encodePath(path)}${query === undefined ? '' : `?${query}`}`,
    headers: [],
    rawHeaders: [],
    clientIp: toText(record['client_ip']),
    app: app === undefined || isReachable(app) ? undefined : app,
    authentication: toAuthentication(record),
  }
}

/** An encoded slash stands in a recorded path as it was sent. */
function encodePath(path: string): string {
  return path
    .split(/(%2F|\/)/u)
    .map((part) => (part === '%2F' || part === '/' ? part : encodeURIComponent(part)))
    .join('')
}

function toAuthentication(record: RecordedDecision): Authentication {
  const subject = toText(record['subject'])
  if (subject !== undefined) return { kind: 'identified', identity: toIdentity(subject, record) }
  const code = toText(record['code'])
  if (code !== undefined && isRefusal(code))
    return {
      kind: 'rejected',
      code,
      scheme: toScheme(code),
      detail: String(record['detail']),
    }
  return { kind: 'anonymous' }
}

function toIdentity(subject: string, record: RecordedDecision): Identity {
  const { roles, issuer, authenticated_by: method } = record
  return {
    subject,
    ...(typeof issuer === 'string' ? { issuer } : {}),
    roles: Array.isArray(roles) ? roles.filter((role) => typeof role === 'string') : [],
    groups: [],
    scopes: [],
    claims: {},
    authenticatedBy: AUTHENTICATION_METHODS.find((known) => known === method) ?? 'token',
  }
}

/** The credentials did not hold, or could not be judged. */
function isRefusal(code: string): code is ErrorCode {
  return code in ERROR_STATUS && /^(?:TOKEN|DPOP|KEY|KEYS|BASIC|CERTIFICATE|INTROSPECTION)_/u.test(code)
}

/** The log does not tell it: what most callers with this code have used. */
function toScheme(code: ErrorCode): Rejected['scheme'] {
  if (code.startsWith('BASIC_')) return 'Basic'
  if (code.startsWith('CERTIFICATE_')) return 'certificate'
  return code.startsWith('DPOP_') ? 'DPoP' : 'Bearer'
}

function toText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** Reads a line; undefined where it is none of the decision with this id. */
export function parseRecord(line: string, id: string): RecordedDecision | undefined {
  if (!line.includes(id)) return undefined
  try {
    const value: unknown = JSON.parse(line)
    return isRecord(value) && value['id'] === id && typeof value['outcome'] === 'string' ? value : undefined
  } catch {
    return undefined
  }
}
