import type { Identity } from './identity.ts'
import type { HeaderLine } from './verdict.ts'

export interface IdentityHeaderNames {
  readonly userId: string
  readonly roles: string
  /** One character between roles. */
  readonly separator: string
}

/**
 * The two headers that tell an app who is calling. Every byte outside visible ASCII, the separator and `%` are
 * percent-encoded (UTF-8): no two identities look alike, no role can be split in two.
 */
export function toIdentityHeaders(
  identity: Identity,
  roles: readonly string[],
  { userId, roles: rolesName, separator }: IdentityHeaderNames,
): readonly HeaderLine[] {
  const encodedRoles = roles.map((role) => percentEncode(role, separator))
  return [
    [userId, percentEncode(identity.subject, separator)],
    [rolesName, encodedRoles.join(separator)],
  ]
}

function percentEncode(text: string, separator: string): string {
  if (/^[\x21-\x24\x26-\x7e]*$/.test(text) && !text.includes(separator)) return text
  let encoded = ''
  for (const byte of Buffer.from(text)) encoded += encodeByte(byte, separator)
  return encoded
}

function encodeByte(byte: number, separator: string): string {
  const character = String.fromCharCode(byte)
  const plain = byte > 0x20 && byte < 0x7f && character !== '%' && character !== separator
  return plain ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
}
