import type { NameValues } from '../decision/access-request.ts'
import { append, createNameValues } from './name-values.ts'

export interface SplitCookies {
  /** The pairs that carry tokens, as sent. */
  readonly tokens: NameValues
  /** All other pairs in one line; undefined where there is none. */
  readonly others: string | undefined
}

const NONE: NameValues = Object.freeze(createNameValues())

/**
 * Joins the lines of `Cookie` (RFC 9113 section 8.2.3 makes repeated ones legal) and takes the token cookies out of them.
 * Names are compared exactly, values are kept byte for byte.
 */
export function splitCookies(
  lines: readonly string[] | undefined,
  tokenCookies: ReadonlySet<string>,
): SplitCookies {
  if (lines === undefined) return { tokens: NONE, others: undefined }
  const joined = lines.join('; ')
  if (tokenCookies.size === 0) return { tokens: NONE, others: joined === '' ? undefined : joined }
  const tokens = createNameValues()
  const others: string[] = []
  for (const part of joined.split(';')) {
    const pair = part.trim()
    const name = pair.slice(0, Math.max(pair.indexOf('='), 0)).trimEnd()
    if (tokenCookies.has(name)) append(tokens, name, pair.slice(pair.indexOf('=') + 1).trimStart())
    else if (pair !== '') others.push(pair)
  }
  return { tokens, others: others.length === 0 ? undefined : others.join('; ') }
}
