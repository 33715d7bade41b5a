import type { CaseAnswer } from '../catalog/request-tester.ts'
import type { ErrorCode } from '../errors.ts'

/** What of a decision anybody but the operator notices. */
export interface Outcome {
  readonly outcome: 'allow' | 'deny'
  readonly status: number
  readonly code?: ErrorCode
  /** The app that answers. */
  readonly app?: string
  /** What the app receives, `X-User-ID: alice`, in order of the alphabet. */
  readonly headers: readonly string[]
  readonly redirect?: string
  readonly message?: string
  /** `WWW-Authenticate` lines. */
  readonly challenges: readonly string[]
}

export function toOutcome({ decision, status, headers }: CaseAnswer): Outcome {
  const app = decision.app === undefined ? {} : { app: decision.app }
  // Their order says nothing, and differs between builds.
  const lines = headers.map(([name, value]) => `${name}: ${value}`).toSorted()
  if (decision.kind === 'allowed') return { outcome: 'allow', status, ...app, headers: lines, challenges: [] }
  const { code, redirect, message, challenges } = decision
  return {
    outcome: 'deny',
    status,
    code,
    ...app,
    headers: [],
    ...(redirect === undefined ? {} : { redirect }),
    ...(message === undefined ? {} : { message }),
    challenges,
  }
}

export function isSameOutcome(one: Outcome, other: Outcome): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
