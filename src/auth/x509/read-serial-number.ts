import { RegateError } from '../../errors.ts'

/** Upper-case hexadecimal digits of a positive INTEGER (RFC 5280 §4.1.2.2). Throws `CERTIFICATE_MALFORMED`. */
export function readSerialNumber(content: Buffer): string {
  const [first = 0x80] = content
  const digits = content
    .toString('hex')
    .toUpperCase()
    .replace(/^(?:00)+/, '')
  if (first >= 0x80 || digits === '')
    throw new RegateError('CERTIFICATE_MALFORMED', 'the serial number is not positive')
  return digits
}
