import type { Value } from '../../src/engine/values/value.ts'

/** What an evaluation came to. */
export type Outcome =
  | { readonly kind: 'value'; readonly value: Value }
  | { readonly kind: 'undefined' }
  | { readonly kind: 'failed'; readonly message: string }
