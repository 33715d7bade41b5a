import { pino } from 'pino'
import type { AccessRequest } from '../decision/access-request.ts'
import type { Decision } from '../decision/decision.ts'
import type { DecisionRecord } from '../decision/decision-record.ts'
import { LINE_FORMAT } from './create-logger.ts'
import type { LogOutput } from './open-log-output.ts'
import { cleanText, redactText } from './redact.ts'

export interface DecisionLogOptions {
  /** False: no decision is written at all. */
  readonly enabled: boolean
  readonly output: Pick<LogOutput, 'write'>
}

export type LogDecision = (record: DecisionRecord) => void

/**
 * Writes one JSON line a decision, with the message `decision`, whatever the level of the logger is. No header, cookie,
 * credential or value of a query is in it; long texts are cut, and no text can break a line.
 */
export function createDecisionLog({ enabled, output }: DecisionLogOptions): LogDecision {
  if (!enabled) return () => undefined
  const logger = pino(LINE_FORMAT, output)
  return (record) => logger.info(toDecisionFields(record), 'decision')
}

const TEXT_LIMIT = 256
const PATH_LIMIT = 2048
const DETAIL_LIMIT = 1024
const LIST_LIMIT = 64
const QUERY_LIMIT = 32

/** What is told of a decision, in the log and elsewhere. What is not known is undefined, and then not in the line. */
export function toDecisionFields({ id, request, decision, status, durationMs }: DecisionRecord): object {
  return {
    id,
    outcome: decision.kind,
    status,
    ...toReason(decision),
    app: decision.app,
    ...(request === undefined ? {} : toRequestFields(request)),
    ...toIdentityFields(decision),
    duration_ms: Math.round(durationMs * 1000) / 1000,
  }
}

function toReason(decision: Decision): object {
  if (decision.kind === 'allowed') return {}
  return {
    code: decision.code,
    reasons: decision.reasons.length === 0 ? undefined : cleanList(decision.reasons).map(redactText),
    detail: redactText(cleanText(decision.detail, DETAIL_LIMIT)),
  }
}

function toRequestFields(request: AccessRequest): object {
  const { method, scheme, host, path, query, clientIp, clientRequestId, traceId } = request
  return {
    method: cleanText(method, TEXT_LIMIT),
    scheme,
    host: cleanText(host, TEXT_LIMIT),
    path: redactText(cleanText(path, PATH_LIMIT)),
    query: maskQuery(query),
    client_ip: clientIp,
    client_request_id:
      clientRequestId === undefined ? undefined : redactText(cleanText(clientRequestId, TEXT_LIMIT)),
    trace_id: traceId,
  }
}

/** Longer or stranger names may be secrets themselves. */
const PLAIN_NAME = /^[\w.[\]-]{1,32}$/

/** `a=***&b=***`. A name without a value may itself be the secret: `?<token>`, with its padding. */
function maskQuery(query: AccessRequest['query']): string | undefined {
  const entries = Object.entries(query)
  if (entries.length === 0) return undefined
  const masked = entries
    .slice(0, QUERY_LIMIT)
    .map(([name, values]) =>
      PLAIN_NAME.test(name) && values.some((value) => !/^=*$/.test(value)) ? `${name}=***` : '***',
    )
  return masked.concat(entries.length > QUERY_LIMIT ? '…' : []).join('&')
}

function toIdentityFields({ identity }: Decision): object {
  if (identity === undefined) return {}
  return {
    subject: cleanText(identity.subject, TEXT_LIMIT),
    issuer: identity.issuer === undefined ? undefined : cleanText(identity.issuer, TEXT_LIMIT),
    authenticated_by: identity.authenticatedBy,
    roles: cleanList(identity.roles),
  }
}

function cleanList(texts: readonly string[]): readonly string[] {
  return texts.slice(0, LIST_LIMIT).map((text) => cleanText(text, TEXT_LIMIT))
}
