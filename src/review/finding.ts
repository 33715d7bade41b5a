import type { SourceLocation } from '../errors.ts'

/** Something in a policies folder that its author should know. */
export interface Finding {
  /** `error`: the version on disk does not serve. `warning`: it serves, and surely not as meant. `note`: worth a look. */
  readonly severity: 'error' | 'warning' | 'note'
  /** A code of docs/errors.md, or the name of a rule of docs/check.md. */
  readonly rule: string
  readonly location: SourceLocation
  /** What is wrong, and what would be right. */
  readonly message: string
}
