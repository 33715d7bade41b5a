import type { AccessRequest } from '../decision/access-request.ts'
import type { Decision } from '../decision/decision.ts'
import type { HeaderLine } from '../decision/verdict.ts'
import { denyAsInternal } from '../http/safe-ports.ts'
import { toAllowLines } from '../http/to-allow-lines.ts'
import { toDenialHead } from '../http/to-denial-head.ts'
import { DENIAL_PAGE_POLICY } from '../http/to-denial-page.ts'
import { toProblem } from '../http/to-problem.ts'
import type { AskedRequest } from './explain-asked.ts'
import type { ExplainedReply } from './explain-document.ts'

interface ReplyContext {
  readonly asked: AskedRequest
  readonly id: string
  /** Absent where it could not be read. */
  readonly request: AccessRequest | undefined
}

interface Sent {
  readonly decision: Decision
  readonly reply: ExplainedReply
}

/** What the proxy is answered. As the listener does it: what cannot be sent becomes a denial, and what could not be read may be told. */
export function explainReply(decision: Decision, context: ReplyContext): Sent {
  const tellable = decision.kind === 'denied' && context.request === undefined
  const told = tellable ? { ...decision, message: decision.detail } : decision
  try {
    return { decision: told, reply: toReply(told, context) }
  } catch (error) {
    const denied = denyAsInternal(error)
    return { decision: denied, reply: toReply(denied, context) }
  }
}

function toReply(decision: Decision, { asked, id, request }: ReplyContext): ExplainedReply {
  if (decision.kind === 'allowed') {
    // Throws where they cannot be sent.
    toAllowLines(decision)
    return { status: 200, headers: decision.headers }
  }
  const accept = asked.headers.filter(([name]) => name.toLowerCase() === 'accept').map(([, value]) => value)
  const context = { accept: accept.length === 0 ? undefined : accept.join(', '), method: request?.method }
  const { status, headers, isPage } = toDenialHead(decision, context)
  const lines = Object.entries(headers).flatMap(([name, values]) =>
    [values].flat().map((value) => [name, Buffer.from(value, 'latin1').toString()] as const),
  )
  const problem = toProblem(decision, id)
  const body = isPage ? `a page: ${problem.title}. ${problem.detail}` : JSON.stringify(problem)
  return { status, headers: [...lines, ...(isPage ? PAGE_LINES : PROBLEM_LINES)], body }
}

const PAGE_LINES: readonly HeaderLine[] = [
  ['content-security-policy', DENIAL_PAGE_POLICY],
  ['referrer-policy', 'no-referrer'],
  ['content-type', 'text/html; charset=utf-8'],
]
const PROBLEM_LINES: readonly HeaderLine[] = [['content-type', 'application/problem+json']]
