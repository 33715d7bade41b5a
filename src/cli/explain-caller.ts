import { TOKEN_CHECKS, type TokenCheck } from '../auth/verify-token.ts'
import type { Authentication } from '../decision/authentication.ts'
import type { ErrorCode } from '../errors.ts'
import type { ExplainedCaller, ExplainedCheck } from './explain-document.ts'
import type { Seen } from './explain-watch.ts'

interface Proof {
  /** Somebody said so, and nothing was verified. */
  readonly isAssumed: boolean
  /** What the token has passed, in order. */
  readonly passed: readonly TokenCheck[]
}

/** Who the caller was found to be; `unasked` where the chain ended before anybody asked. */
export function explainCaller(
  { authentication, credential }: Seen,
  { isAssumed, passed }: Proof,
): ExplainedCaller {
  if (authentication === undefined) return { kind: 'unasked' }
  const checks = isAssumed ? [] : toChecks(authentication, passed, credential?.isWebToken === true)
  const place = credential?.place === undefined ? {} : { credential: credential.place }
  switch (authentication.kind) {
    case 'anonymous': {
      const { ignored = credential?.unused } = authentication
      return { kind: 'anonymous', ...place, ...(ignored === undefined ? {} : { ignored }), checks }
    }
    case 'identified': {
      const { identity } = authentication
      return { kind: 'identified', ...place, identity, proof: isAssumed ? 'assumed' : 'verified', checks }
    }
    case 'rejected': {
      const { code, detail } = authentication
      return { kind: 'rejected', ...place, code, detail, checks, ...(isAssumed ? { isRecorded: true } : {}) }
    }
    default:
      return authentication satisfies never
  }
}

/** With these a token falls at its first check. */
const FORM_CODES: ReadonlySet<ErrorCode> = new Set(['TOKEN_MALFORMED', 'TOKEN_TYPE_INVALID'])

/** The check after the last that was passed is the one that failed. What is no JWT has no steps. */
function toChecks(
  authentication: Authentication,
  passed: readonly TokenCheck[],
  isWebToken: boolean,
): readonly ExplainedCheck[] {
  const fellAtOnce = isWebToken && authentication.kind === 'rejected' && FORM_CODES.has(authentication.code)
  if (passed.length === 0 && !fellAtOnce) return []
  return TOKEN_CHECKS.map((check, index) => {
    if (index < passed.length) return { check, outcome: 'held' }
    return { check, outcome: index === passed.length ? 'failed' : 'blank' }
  })
}
