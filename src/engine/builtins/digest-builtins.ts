import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { decodeUtf8 } from './bytes/decode-utf8.ts'
import type { Builtin, BuiltinTable } from './builtin.ts'

/** Digests of the UTF-8 of a text, and the two encodings that the module lacks. Source: OPA, "Crypto" and "Encoding". */
export const digestBuiltins: BuiltinTable = {
  'crypto.md5': onText((text) => createHash('md5').update(text).digest('hex')),
  'crypto.sha1': onText((text) => createHash('sha1').update(text).digest('hex')),
  'crypto.sha256': onText((text) => createHash('sha256').update(text).digest('hex')),
  'crypto.hmac.md5': onTwoTexts((text, key) => createHmac('md5', key).update(text).digest('hex')),
  'crypto.hmac.sha1': onTwoTexts((text, key) => createHmac('sha1', key).update(text).digest('hex')),
  'crypto.hmac.sha256': onTwoTexts((text, key) => createHmac('sha256', key).update(text).digest('hex')),
  'crypto.hmac.sha512': onTwoTexts((text, key) => createHmac('sha512', key).update(text).digest('hex')),
  'crypto.hmac.equal': onTwoTexts((one, other) => one.length === other.length && timingSafeEqual(one, other)),
  'hex.encode': onText((text) => text.toString('hex')),
  'hex.decode': ([text]) => (isHex(text) ? decodeUtf8(Buffer.from(text, 'hex')) : undefined),
  'base64url.encode_no_pad': onText((text) => text.toString('base64url')),
}

function onText(make: (text: Buffer) => string): Builtin {
  return ([text]) => (typeof text === 'string' ? make(Buffer.from(text)) : undefined)
}

function onTwoTexts(make: (one: Buffer, other: Buffer) => string | boolean): Builtin {
  return ([one, other]) =>
    typeof one === 'string' && typeof other === 'string'
      ? make(Buffer.from(one), Buffer.from(other))
      : undefined
}

function isHex(text: unknown): text is string {
  return typeof text === 'string' && text.length % 2 === 0 && /^[0-9a-fA-F]*$/.test(text)
}
