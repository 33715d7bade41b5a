import { STATUS_CODES } from 'node:http'
import type { Denied } from '../decision/decision.ts'
import type { ErrorCode } from '../errors.ts'

/** What a caller may learn of a denial (RFC 9457): never the operator's detail and never the policy's reasons. */
export interface Problem {
  readonly type: 'about:blank'
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly code: ErrorCode
  readonly decision_id: string
}

const TEXTS: { readonly [Code in ErrorCode]?: string } = {
  FORWARDED_URI_INVALID: 'The path in X-Forwarded-Uri is not acceptable.',
  HEADER_ALIAS: 'A header name can be taken for one that only the authorizer may set.',
  ENDPOINT_UNKNOWN: 'There is no such endpoint.',
  KEYS_UNAVAILABLE: 'Credentials cannot be checked at the moment.',
  INTROSPECTION_UNAVAILABLE: 'Credentials cannot be checked at the moment.',
  APP_UNAVAILABLE: 'Access to this application cannot be decided at the moment.',
}

const GENERIC_TEXTS = new Map([
  [401, 'Credentials are missing or not valid.'],
  [403, 'Access is denied.'],
])

export function toProblem(denied: Denied, decisionId: string): Problem {
  const status = denialStatus(denied)
  return {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Denied',
    status,
    detail:
      denied.message ?? TEXTS[denied.code] ?? GENERIC_TEXTS.get(status) ?? 'The request was not allowed.',
    code: denied.code,
    decision_id: decisionId,
  }
}

/** A denial is a client's or a server's error, whatever it says of itself: under ForwardAuth a 2xx is an allow. */
export function denialStatus({ status }: Denied): number {
  return Number.isInteger(status) && status >= 400 && status <= 599 ? status : 500
}
