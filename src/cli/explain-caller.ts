import { TOKEN_CHECKS, type TokenCheck } from '../auth/verify-token.ts'
import type { Authentication } from '../decision/authentication.ts'
import type { ErrorCode } from '../errors.ts'
import type { ExplainedCaller, ExplainedCheck } from './explain-document.ts'

interface Proof {
  /** Somebody said so, and nothing was verified. */
  readonly isAssumed: boolean
  /** What the token has passed, in order. */
  readonly passed: readonly TokenCheck[]
}

/** Who the caller was found to be. `undefined`: the chain ended before anybody asked. */
export function explainCaller(
  authentication: Authentication | undefined,
  { isAssumed, passed }: Proof,
): ExplainedCaller {
  if (authentication === undefined) return { kind: 'unasked' }
  const checks = isAssumed ? [] : toChecks(authentication, passed)
  switch (authentication.kind) {
    case 'anonymous': {
      const { ignored } = authentication
      return { kind: 'anonymous', ...(ignored === undefined ? {} : { ignored }), checks }
    }
    case 'identified': {
      const { identity } = authentication
      return { kind: 'identified', identity, proof: isAssumed ? 'assumed' : 'verified', checks }
    }
    case 'rejected': {
      const { code, detail } = authentication
      return { kind: 'rejected', code, detail, checks }
    }
    default:
      return authentication satisfies never
  }
}

/** With these a token falls at its first check. */
const FORM_CODES: ReadonlySet<ErrorCode> = new Set(['TOKEN_MALFORMED', 'TOKEN_TYPE_INVALID'])

/** The check after the last that was passed is the one that failed. Static tokens and passwords have no steps. */
function toChecks(authentication: Authentication, passed: readonly TokenCheck[]): readonly ExplainedCheck[] {
  const fellAtOnce = authentication.kind === 'rejected' && FORM_CODES.has(authentication.code)
  if (passed.length === 0 && !fellAtOnce) return []
  return TOKEN_CHECKS.map((check, index) => {
    if (index < passed.length) return { check, outcome: 'held' }
    return { check, outcome: index === passed.length ? 'failed' : 'blank' }
  })
}
