import type { Authentication, Rejected } from '../decision/authentication.ts'
import { ERROR_STATUS, type ErrorCode, RegateError } from '../errors.ts'
import type { FollowedFile } from './create-followed-file.ts'
import type { Nonces } from './create-nonces.ts'
import type { Revocations } from './parse-revocations.ts'
import { refuseRevoked } from './refuse-revoked.ts'
import type { Verified } from './verified.ts'

/** In which way a credential was shown. */
interface Manner {
  readonly scheme: Rejected['scheme']
  /** What does not hold counts as absent. */
  readonly lenient: boolean
}

/** `verify` says whose credential it is, `check` refuses a caller who may not use it. What they throw refuses the request. */
export type Judge = (
  verify: () => Verified | Promise<Verified>,
  manner: Manner,
  check?: (verified: Verified) => Promise<void> | undefined,
) => Authentication | Promise<Authentication>

export const ANONYMOUS: Authentication = Object.freeze({ kind: 'anonymous' })

interface JudgeTools {
  readonly revocations: FollowedFile<Revocations> | undefined
  readonly nonces: Pick<Nonces, 'current'>
}

/** The one way to an identity: whatever the method, and be it known from before, the deny-list of this moment is asked. */
export function createJudge({ revocations, nonces }: JudgeTools): Judge {
  function accept(verified: Verified, check: Parameters<Judge>[2]): Authentication | Promise<Authentication> {
    if (revocations) refuseRevoked(verified, revocations.current())
    const checking = check?.(verified)
    return checking === undefined ? verified.answer : checking.then(() => verified.answer)
  }

  /** A failure on our side is never taken for an absent credential. */
  function toFailure(error: unknown, { scheme, lenient }: Manner): Authentication {
    if (!(error instanceof RegateError)) throw error
    const { code, message: detail } = error
    if (lenient && (ERROR_STATUS[code] ?? 500) < 500) return toAbsent(code, detail)
    const nonce = code === 'DPOP_NONCE_REQUIRED' ? { nonce: nonces.current() } : {}
    return { kind: 'rejected', code, scheme, detail, ...nonce }
  }

  return (verify, manner, check) => {
    const fail = (error: unknown) => toFailure(error, manner)
    try {
      const verified = verify()
      const answer =
        verified instanceof Promise ? verified.then((each) => accept(each, check)) : accept(verified, check)
      return answer instanceof Promise ? answer.catch(fail) : answer
    } catch (error) {
      return fail(error)
    }
  }
}

/** The detail of a refusal never holds a credential. */
function toAbsent(code: ErrorCode, detail: string): Authentication {
  return { kind: 'anonymous', ignored: `the credential in the cookie counts as absent: ${code}, ${detail}` }
}
