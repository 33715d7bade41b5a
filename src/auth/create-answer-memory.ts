import { LRUCache } from 'lru-cache'
import { type ErrorCode, RegateError } from '../errors.ts'
import type { Verified } from './verified.ts'

/** What is known of a token by asking a server. */
export type Answer =
  | { readonly kind: 'active'; readonly verified: Verified }
  | { readonly kind: 'inactive' }
  | Refusal

export interface Refusal {
  readonly kind: 'refused' | 'unavailable'
  readonly code: ErrorCode
  readonly detail: string
}

interface Kept {
  readonly answer: Answer
  readonly fromMs: number
  readonly untilMs: number
}

export interface AnswerMemory {
  readonly recall: (digest: string) => Answer | undefined
  /** `untilMs`: the first moment at which the server has to be asked again. */
  readonly keep: (digest: string, answer: Answer, untilMs: number) => void
}

const MOST_KEPT = 10_000
const MOST_KEPT_BYTES = 16 * 1024 * 1024
/** Of an entry without claims, about. */
const ENTRY_BYTES = 512

/** Answers by the digest of the token, bounded in number and bytes. Guessed tokens push out no good one. */
export function createAnswerMemory(now: () => number): AnswerMemory {
  const active = new LRUCache<string, Kept>({ max: MOST_KEPT, maxSize: MOST_KEPT_BYTES })
  const others = new LRUCache<string, Kept>({ max: MOST_KEPT })

  return {
    recall(digest) {
      const kept = active.get(digest) ?? others.get(digest)
      const nowMs = now()
      // The clock may have been set back.
      return kept && nowMs >= kept.fromMs && nowMs < kept.untilMs ? kept.answer : undefined
    },
    keep(digest, answer, untilMs) {
      const kept = { answer, fromMs: now(), untilMs }
      active.delete(digest)
      others.delete(digest)
      if (answer.kind === 'active') active.set(digest, kept, { size: sizeOf(answer.verified) })
      else others.set(digest, kept)
    },
  }
}

function sizeOf({ answer }: Verified): number {
  return ENTRY_BYTES + 2 * JSON.stringify(answer.identity).length
}

/** As an error of its own: one that is kept would keep its stack too. */
export function toError({ code, detail }: Refusal): RegateError {
  return new RegateError(code, detail)
}
