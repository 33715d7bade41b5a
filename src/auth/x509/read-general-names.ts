import { RegateError } from '../../errors.ts'
import { readElements, readOnly } from './read-der.ts'
import { type Name, readAscii, readName } from './read-name.ts'

/** A GeneralName (RFC 5280 §4.2.1.6), or as a name constraint what such names are compared with. */
export type GeneralName =
  | { readonly kind: 'email' | 'dns' | 'uri'; readonly text: string }
  | { readonly kind: 'ip'; readonly octets: Buffer }
  | { readonly kind: 'directory'; readonly name: Name }
  | { readonly kind: 'other' }

const MOST_NAMES = 1000

/** Reads SubjectAltName. Throws `CERTIFICATE_MALFORMED`, also for a name that is empty or not printable ASCII. */
export function readAlternativeNames(extension: Buffer): readonly GeneralName[] {
  const names = readElements(readOnly(extension, 0x30), MOST_NAMES).map(({ bytes }) => readGeneralName(bytes))
  for (const name of names) if ('text' in name && name.text === '') throw unreadable()
  return names
}

/** Reads one GeneralName. */
export function readGeneralName(bytes: Buffer): GeneralName {
  const [{ tag, content } = { tag: 0, content: bytes }] = readElements(bytes)
  switch (tag) {
    case 0x81:
      return { kind: 'email', text: readText(content) }
    case 0x82:
      return { kind: 'dns', text: readText(content) }
    case 0x86:
      return { kind: 'uri', text: readText(content) }
    case 0x87:
      return { kind: 'ip', octets: content }
    case 0xa4:
      return { kind: 'directory', name: readName(readOnly(content, 0x30)) }
    default:
      return { kind: 'other' }
  }
}

function readText(content: Buffer): string {
  const text = readAscii(content)
  if (text === undefined) throw unreadable()
  return text
}

function unreadable(): RegateError {
  return new RegateError('CERTIFICATE_MALFORMED', 'an alternative name in the certificate is not plain text')
}
