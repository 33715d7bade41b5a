import { validateHeaderName } from 'node:http'
import type { Allowed } from '../decision/decision.ts'
import { RegateError } from '../errors.ts'
import { remember } from './remember.ts'
import { toHeaderBytes } from './to-header-bytes.ts'

/** What the server itself writes beside them. */
const OWN_NAMES = ['connection', 'content-length', 'date', 'keep-alive', 'transfer-encoding']

/**
 * The header lines of an allow: name and value in turn, values as their UTF-8 bytes, one Latin-1 character each.
 * Throws `INTERNAL`, or what Node says of a name, for lines that cannot be sent as they are.
 */
export function toAllowLines({ headers }: Pick<Allowed, 'headers'>): string[] {
  const lines: string[] = []
  const names: string[] = []
  for (const [name, value] of headers) {
    const { lower, isOwn } = readName(name)
    if (isOwn || names.includes(lower))
      throw new RegateError('INTERNAL', `The header ${name} would be sent twice.`)
    names.push(lower)
    lines.push(name, toHeaderBytes(value))
  }
  return lines
}

// Policies send few names, and the same again and again.
const readName = remember((name) => {
  validateHeaderName(name)
  const lower = name.toLowerCase()
  return { lower, isOwn: OWN_NAMES.includes(lower) }
}, 1000)
