import { RegateError } from '../errors.ts'
import type { HeaderRole, HeaderRoles } from './header-roles.ts'
import { nameHeader } from './name-header.ts'
import { append, createNameValues } from './name-values.ts'
import type { MutableNameValues } from './name-values.ts'

type SingleRole = Exclude<HeaderRole, 'withheld' | 'token'>

/** Every header line of a request, sorted by what it is for. */
export interface Lines {
  /** The one line of each role; those of `clientAddresses` joined by commas. */
  readonly single: Partial<Record<SingleRole, string>>
  /** What policies may see, by lower-case name. */
  readonly headers: MutableNameValues
  readonly tokenHeaders: MutableNameValues
  readonly oddHeaderNames: string[]
}

interface LineLimits {
  readonly headerLines: number
  readonly headerBytes: number
}

/** The lines as Node gives them: as sent, and by lower-case name, repeated ones joined or dropped. */
export interface HeaderSource {
  /** Names and values in turn, one pair a line. */
  readonly rawHeaders: readonly string[]
  readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>>
}

/**
 * Sorts the lines in one pass. Lines are counted as sent: Node joins, or drops, repeated ones. Where every line has a name
 * of its own, which is nearly always, Node's table holds the same lines and spares the work on the names.
 * Throws `HEADERS_TOO_LARGE`, `FORWARDED_HEADER_REPEATED` and `AUTHORIZATION_REPEATED`.
 */
export function collectLines(source: HeaderSource, roles: HeaderRoles, limits: LineLimits): Lines {
  const { rawHeaders } = source
  if (rawHeaders.length > limits.headerLines * 2) throw tooLarge(`${limits.headerLines} header lines`)
  if (countBytes(rawHeaders) > limits.headerBytes) throw tooLarge(`${limits.headerBytes} bytes of headers`)
  return collectTable(source, roles) ?? collectRaw(rawHeaders, roles)
}

function createLines(): Lines {
  return { single: {}, headers: createNameValues(), tokenHeaders: createNameValues(), oddHeaderNames: [] }
}

function countBytes(texts: readonly string[]): number {
  let bytes = 0
  for (const text of texts) bytes += text.length
  return bytes
}

/** Undefined where the table holds fewer lines than were sent: then some name was repeated. */
function collectTable({ headers, rawHeaders }: HeaderSource, roles: HeaderRoles): Lines | undefined {
  const lines = createLines()
  let count = 0
  for (const name in headers) {
    const value = headers[name]
    if (typeof value !== 'string') return undefined
    collectLine(lines, name, value, roles)
    count += 1
  }
  return count * 2 === rawHeaders.length ? lines : undefined
}

function collectRaw(rawHeaders: readonly string[], roles: HeaderRoles): Lines {
  const lines = createLines()
  for (let index = 0; index < rawHeaders.length; index += 2) {
    collectLine(lines, (rawHeaders[index] ?? '').toLowerCase(), rawHeaders[index + 1] ?? '', roles)
  }
  return lines
}

function collectLine(lines: Lines, name: string, value: string, roles: HeaderRoles): void {
  const { role, isOdd } = roles.describe(name)
  if (isOdd) lines.oddHeaderNames.push(name)
  switch (role) {
    case undefined:
      append(lines.headers, name, value)
      break
    case 'withheld':
      break
    case 'token':
      append(lines.tokenHeaders, name, value)
      break
    case 'clientAddresses':
    case 'authorization':
    case 'method':
    case 'host':
    case 'proto':
    case 'uri':
      lines.single[role] = addSingle(role, name, lines.single[role], value)
      break
    default:
      role satisfies never
  }
}

function addSingle(role: SingleRole, name: string, before: string | undefined, value: string): string {
  if (before === undefined) return value
  if (role === 'clientAddresses') return `${before},${value}`
  const code = role === 'authorization' ? 'AUTHORIZATION_REPEATED' : 'FORWARDED_HEADER_REPEATED'
  throw new RegateError(code, `${nameHeader(name)} was sent more than once.`)
}

function tooLarge(limit: string): RegateError {
  return new RegateError('HEADERS_TOO_LARGE', `The request has more than ${limit}.`)
}
