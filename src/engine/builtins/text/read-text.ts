import { isArray, isSet } from '../../values/value.ts'
import type { Value } from '../../values/value.ts'

/** The longest text that a builtin makes, in UTF-16 units; what would be longer ends the evaluation. */
export const MAX_TEXT_LENGTH = 2 ** 24

/** An operand that has to be a text. Halves of surrogate pairs become U+FFFD, as in Go. */
export function readText(value: Value | undefined): string | undefined {
  return typeof value === 'string' ? value.toWellFormed() : undefined
}

/** An operand that has to be a text, or an array or a set of nothing but texts. */
export function readTexts(value: Value | undefined): string[] | undefined {
  if (value === undefined) return undefined
  if (typeof value === 'string') return [value.toWellFormed()]
  const items = isArray(value) ? value : isSet(value) ? value.items : undefined
  const texts = items?.filter((item) => typeof item === 'string')
  return texts?.length === items?.length ? texts?.map((text) => text.toWellFormed()) : undefined
}
