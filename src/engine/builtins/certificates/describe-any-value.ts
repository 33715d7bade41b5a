import { toNumber, toObject, type Value } from '../../values/value.ts'
import { decodeUtf8 } from '../bytes/decode-utf8.ts'
import { describeIdentifier, toBase64 } from './describe-certificate.ts'
import { type AnyElement, TAG, toDer } from './read-der.ts'
import {
  decodeString,
  readBitString,
  readBoolean,
  readIdentifier,
  readInt64,
  readTime,
} from './read-der-values.ts'

/** A value of any type as Go's `encoding/asn1` and `encoding/json` show it; types without a form are `null`. Throws `MalformedDer`. */
export function describeAnyValue({ tag, content, whole }: AnyElement): Value {
  switch (tag) {
    case TAG.boolean:
      return readBoolean(toDer(whole))
    case TAG.integer:
      return toNumber(readInt64(toDer(whole)))
    case TAG.bitString: {
      const { bytes, unusedBits } = readBitString(toDer(whole))
      return toObject([
        ['Bytes', toBase64(bytes)],
        ['BitLength', toNumber(bytes.length * 8 - unusedBits)],
      ])
    }
    case TAG.octetString:
      return toBase64(content)
    case TAG.objectIdentifier:
      return describeIdentifier(readIdentifier(toDer(whole)))
    case TAG.utcTime:
    case TAG.generalizedTime:
      return readTime(toDer(whole)).text
    case TAG.t61String:
      return decodeUtf8(content)
    case TAG.utf8String:
    case TAG.numericString:
    case TAG.printableString:
    case TAG.ia5String:
    case TAG.bmpString:
      return decodeString(tag, content)
    default:
      return null
  }
}
