import type { Lane } from '../engine/choose-lane.ts'
import type { ErrorCode, RegateError } from '../errors.ts'
import type { TestResult } from './test-result.ts'

/** What the catalog tells the log. Times in milliseconds; hashes are SHA-256 in hexadecimal. */
export type CatalogEvent =
  /** A version went into service. `origin` says what had to be done for it, `durationMs` counts from the look that saw it. */
  | {
      readonly kind: 'activated'
      readonly app: string
      readonly hash: string
      readonly origin: 'compiled' | 'cached' | 'loaded' | 'tables' | 'tests'
      readonly durationMs: number
      readonly generation: number
    }
  /** The folder's version does not go into service; `state` says what answers instead. */
  | {
      readonly kind: 'rejected'
      readonly app: string
      readonly hash: string
      readonly state: 'serving-last-good' | 'unavailable'
      readonly problem: Problem
    }
  /** The tests of a version, of an app or of `lib`, have been run, or are remembered; whether they gate is another matter. */
  | {
      readonly kind: 'tested'
      readonly app: string
      readonly hash: string
      readonly results: readonly TestResult[]
    }
  /** An app has no test at all. */
  | { readonly kind: 'untested'; readonly app: string; readonly hash: string }
  /** The folder holds the version in service again. */
  | { readonly kind: 'recovered'; readonly app: string; readonly hash: string }
  | { readonly kind: 'removed'; readonly app: string }
  /** What only a wildcard covers is closed (503), because nobody knows what these apps guard. */
  | { readonly kind: 'quarantined'; readonly causes: readonly string[] }
  | { readonly kind: 'quarantine-ended' }
  /** Files are missing; the app, or `lib`, stays as it was until their absence has settled. */
  | { readonly kind: 'missing'; readonly app: string; readonly paths: readonly string[] }
  /** Something in the folder is meant for nobody. */
  | { readonly kind: 'unused'; readonly path: string; readonly reason: string }
  /** Sample inputs on which a policy throws, though not on all. */
  | { readonly kind: 'sample-failed'; readonly app: string; readonly messages: readonly string[] }
  /** An evaluation took longer than `evaluationMs`; told once a minute of each app. */
  | { readonly kind: 'evaluation-slow'; readonly app: string; readonly durationMs: number }
  /** An app's evaluations move to a process of their own, because they take long, or back from it. */
  | { readonly kind: 'lane-changed'; readonly app: string; readonly lane: Lane }
  /** A look changed what is in service. */
  | {
      readonly kind: 'reloaded'
      readonly generation: number
      readonly apps: number
      readonly durationMs: number
    }
  /** The folder could not be read; everything stays as it is. */
  | { readonly kind: 'look-failed'; readonly problem: Problem }
  /** File events may be missed; the slow look still finds every change. */
  | { readonly kind: 'watch-failed'; readonly message: string }

/** An error as it is shown: in the log and in `/status`. */
export interface Problem {
  readonly code: ErrorCode
  readonly message: string
  readonly file?: string
  readonly row?: number
  readonly column?: number
}

export function toProblem({ code, message, location }: RegateError): Problem {
  return { code, message, ...location }
}
