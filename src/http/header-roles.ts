import type { HeaderProfile } from './header-profile.ts'
import { remember } from './remember.ts'

/** What a header line is for. `withheld` lines are read by nobody: not by us, not by a policy. */
export type HeaderRole = keyof HeaderProfile | 'authorization' | 'token' | 'withheld'

export interface HeaderRoles {
  /** What is known of a lower-case name. */
  readonly describe: (name: string) => HeaderDescription
}

export interface HeaderDescription {
  /** Undefined for an ordinary header, which policies may see. An odd spelling of a name with a role is `withheld`. */
  readonly role: HeaderRole | undefined
  /** Whether the name holds a character other than letter, digit and `-`. */
  readonly isOdd: boolean
}

// `host` names the authorizer, not the app; the others are claims about a hop, or credentials of one.
const WITHHELD = [
  'host',
  'proxy-authorization',
  'dpop',
  'client-cert',
  'client-cert-chain',
  'forwarded',
  'x-real-ip',
  'x-scheme',
  'x-replaced-path',
  'x-rewrite-url',
]
const WITHHELD_PREFIXES = ['x-forwarded', 'x-original-']

/** Builds the table once, at start. `tokenHeaders` are lower-case names. */
export function createHeaderRoles(profile: HeaderProfile, tokenHeaders: readonly string[]): HeaderRoles {
  const roles = new Map<string, HeaderRole>([
    ...WITHHELD.map((name) => [name, 'withheld'] as const),
    ...tokenHeaders.map((name) => [name, 'token'] as const),
    ['authorization', 'authorization'],
    [profile.method, 'method'],
    [profile.host, 'host'],
    [profile.proto, 'proto'],
    [profile.uri, 'uri'],
    [profile.clientAddresses, 'clientAddresses'],
  ])
  function roleOf(name: string): HeaderRole | undefined {
    return roles.get(name) ?? (hasWithheldPrefix(name) ? 'withheld' : undefined)
  }
  function read(name: string): HeaderDescription {
    if (!isOddName(name)) return { role: roleOf(name), isOdd: false }
    const isAlias = roleOf(name.replaceAll(/[^a-z0-9-]/g, '-')) !== undefined
    return { role: roles.get(name) ?? (isAlias ? 'withheld' : undefined), isOdd: true }
  }
  return { describe: remember(read, NAMES_KEPT) }
}

const NAMES_KEPT = 1000

function hasWithheldPrefix(name: string): boolean {
  return name.startsWith('x-') && WITHHELD_PREFIXES.some((prefix) => name.startsWith(prefix))
}

/** Whether a lower-case name holds a character other than letter, digit and `-`. */
function isOddName(name: string): boolean {
  for (let index = 0; index < name.length; index += 1) {
    const code = name.charCodeAt(index)
    const plain = (code >= 0x61 && code <= 0x7a) || code === 0x2d || (code >= 0x30 && code <= 0x39)
    if (!plain) return true
  }
  return false
}
