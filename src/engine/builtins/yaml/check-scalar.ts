import type { Scalar } from 'yaml'
import { findStringEnd } from '../../values/find-string-end.ts'
import { Unreadable } from './unreadable.ts'

/** @throws Unreadable for what this parser takes and go-yaml does not: quotes left open, escapes of surrogates and slashes, tabs. */
export function checkScalar({ type, range }: Scalar, source: string): void {
  const [start = 0, end = 0] = range ?? []
  if (type === undefined || type === null || type === 'PLAIN') return
  const text = source.slice(start, end)
  if (type === 'QUOTE_DOUBLE' && (findStringEnd(text, 0) !== text.length || ODD_ESCAPE.test(text)))
    throw new Unreadable('a quote that is not closed, or an escape of a surrogate or a slash')
  if (type === 'QUOTE_SINGLE' && !CLOSED.test(text)) throw new Unreadable('a quote that is not closed')
  if (type.startsWith('BLOCK_') && LEADING_TAB.test(text)) throw new Unreadable('a tab for a blank')
}

const CLOSED = /^'(?:[^']|'')*'$/

/** Before the first character of a block that does not say how far it is indented. */
const LEADING_TAB = /^[|>][^\d\n]*\n(?: *\n)* *\t/

const ODD_ESCAPE = /(?<!\\)(?:\\\\)*\\(?:\/|(?:u|U0000)[dD][89a-fA-F])/
