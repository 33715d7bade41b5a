import type { ErrorCode } from '../errors.ts'

/** A policy as it is handed to another process. Tables come as JSON text: a string is copied faster than a tree. */
export interface PolicyCode {
  /** The module, as `loadModule` takes it. */
  readonly bytes: Uint8Array
  /** The document `data`, whole. */
  readonly dataJson: string
}

/** What an evaluation process is asked; each request gets one reply. */
export type EvaluationRequest =
  | ({ readonly kind: 'open' } & PolicyCode)
  /** Of the policy that was opened. `prints`: what it prints is wanted. `timeMs`: see `Evaluator.evaluate`. */
  | {
      readonly kind: 'evaluate'
      readonly inputJson: string
      readonly prints: boolean
      readonly timeMs?: number
    }
  | ({ readonly kind: 'open-tests' } & PolicyCode)
  /** Of the tests that were opened. */
  | { readonly kind: 'test'; readonly entrypoint: string }
  | ({ readonly kind: 'examine'; readonly inputs: readonly string[] } & PolicyCode)

/** Durations are those of the evaluation alone. */
export type EvaluationReply =
  | { readonly kind: 'ready' }
  | {
      readonly kind: 'evaluated'
      readonly value: unknown
      readonly durationMs: number
      readonly printed: readonly string[]
    }
  | { readonly kind: 'examined'; readonly examination: Examination }
  | {
      readonly kind: 'failed'
      readonly code: ErrorCode
      readonly message: string
      readonly durationMs: number
      readonly printed: readonly string[]
    }

/** What became of a policy on sample inputs. */
export interface Examination {
  /** One for each input, in their order. */
  readonly evaluations: readonly SampleEvaluation[]
  /** The number of the first input on which OPA's own SDK comes to another result; from 0. */
  readonly disagreement?: number
}

export interface SampleEvaluation {
  readonly durationMs: number
  /** Why it failed. */
  readonly failure?: string
}
