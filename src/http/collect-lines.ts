import { RegateError } from '../errors.ts'
import { isOddName } from './header-roles.ts'
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

/**
 * Sorts the lines in one pass. Lines are counted as sent: Node joins, or drops, repeated ones.
 * Throws `HEADERS_TOO_LARGE`, `FORWARDED_HEADER_REPEATED` and `AUTHORIZATION_REPEATED`.
 */
export function collectLines(rawHeaders: readonly string[], roles: HeaderRoles, limits: LineLimits): Lines {
  if (rawHeaders.length > limits.headerLines * 2) throw tooLarge(`${limits.headerLines} header lines`)
  const lines: Lines = {
    single: {},
    headers: createNameValues(),
    tokenHeaders: createNameValues(),
    oddHeaderNames: [],
  }
  let bytes = 0
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const sentName = rawHeaders[index] ?? ''
    const value = rawHeaders[index + 1] ?? ''
    bytes += sentName.length + value.length
    collectLine(lines, sentName.toLowerCase(), value, roles)
  }
  if (bytes > limits.headerBytes) throw tooLarge(`${limits.headerBytes} bytes of headers`)
  return lines
}

function collectLine(lines: Lines, name: string, value: string, roles: HeaderRoles): void {
  const odd = isOddName(name)
  if (odd) lines.oddHeaderNames.push(name)
  const role = roles.roleOf(name)
  switch (role) {
    case undefined:
      if (!odd || !roles.isAliasOfRole(name)) append(lines.headers, name, value)
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
