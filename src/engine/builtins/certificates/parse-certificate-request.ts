import { attempt } from '../bytes/attempt.ts'
import { toNumber, toObject, type Value } from '../../values/value.ts'
import {
  describeAlternativeNames,
  describeExtensions,
  describeIdentifier,
  describeKey,
  describeName,
  toBase64,
  toList,
} from './describe-certificate.ts'
import { describeAnyValue } from './describe-any-value.ts'
import { NO_NAMES, parseAlternativeNames } from './parse-alternative-names.ts'
import { type Extension, readExtensions } from './parse-certificate.ts'
import { parseRequestedName } from './parse-name.ts'
import { parseCertificateKey, readAlgorithm } from './parse-public-key.ts'
import {
  constructedTag,
  isEmpty,
  MalformedDer,
  readAll,
  readAny,
  readInner,
  readWhole,
  TAG,
  toDer,
} from './read-der.ts'
import { alignRight, readBitString, readIdentifier, readInt64 } from './read-der-values.ts'
import { findSignatureAlgorithm } from './signature-algorithms.ts'

const EXTENSION_REQUEST = '1.2.840.113549.1.9.14'
const ALTERNATIVE_NAMES = '2.5.29.17'

/** A request as Go's `encoding/json` writes `x509.CertificateRequest`. Throws `MalformedDer`. Source: RFC 2986. */
export function parseCertificateRequest(bytes: Buffer): Value {
  const der = toDer(bytes)
  const raw = readWhole(der, TAG.sequence)
  if (!isEmpty(der)) throw new MalformedDer()
  const outer = readInner(toDer(raw), TAG.sequence)
  const rawTbs = readWhole(outer, TAG.sequence)
  const tbs = readInner(toDer(rawTbs), TAG.sequence)
  const version = readInt64(tbs)
  const rawSubject = readWhole(tbs, TAG.sequence)
  const rawKeyInfo = readWhole(tbs, TAG.sequence)
  const attributes = readAll(readInner(tbs, constructedTag(0)), (list) => readAny(list).whole)
  const algorithm = findSignatureAlgorithm(readAlgorithm(readInner(outer, TAG.sequence)))
  const signature = alignRight(readBitString(outer))
  const keyInfo = parseCertificateKey(rawKeyInfo)
  const extensions = attributes.flatMap(readRequestedExtensions)
  return toObject(
    Object.entries({
      Raw: toBase64(raw),
      RawTBSCertificateRequest: toBase64(rawTbs),
      RawSubjectPublicKeyInfo: toBase64(rawKeyInfo),
      RawSubject: toBase64(rawSubject),
      Version: toNumber(version),
      Signature: toBase64(signature),
      SignatureAlgorithm: toNumber(algorithm?.number ?? 0),
      PublicKeyAlgorithm: toNumber(keyInfo.algorithmNumber),
      PublicKey: describeKey(keyInfo.key),
      Subject: describeName(parseRequestedName(rawSubject)),
      Attributes: toList(
        attributes.flatMap((attribute) => attempt(() => describeAttribute(attribute)) ?? []),
      ),
      Extensions: describeExtensions(extensions),
      ExtraExtensions: null,
      ...describeNames(extensions),
    }),
  )
}

function describeNames(extensions: readonly Extension[]): Record<string, Value> {
  const identifiers = extensions.map(({ id }) => id.join('.'))
  if (new Set(identifiers).size !== identifiers.length) throw new MalformedDer()
  const names = extensions[identifiers.indexOf(ALTERNATIVE_NAMES)]
  return describeAlternativeNames(names === undefined ? NO_NAMES : parseAlternativeNames(toDer(names.value)))
}

/** The extensions that an attribute asks for; other attributes, and those of another form, ask for none. */
function readRequestedExtensions(attribute: Buffer): readonly Extension[] {
  const list = attempt(() => {
    const inner = readInner(toDer(attribute), TAG.sequence)
    const type = readIdentifier(inner).join('.')
    const [first] = readAll(readInner(inner, TAG.set), (set) => readAny(set).whole)
    return type === EXTENSION_REQUEST ? first : undefined
  })
  return list === undefined ? [] : readExtensions(toDer(list))
}

/** Only sets of lists of type and value have a form in Go; the others are left out. */
function describeAttribute(attribute: Buffer): readonly Value[] {
  const inner = readInner(toDer(attribute), TAG.sequence)
  const type = readIdentifier(inner)
  const lists = readAll(readInner(inner, TAG.set), (set) =>
    readAll(readInner(set, TAG.sequence), (list) => {
      const pair = readInner(list, TAG.sequence)
      const key = describeIdentifier(readIdentifier(pair))
      return toObject([
        ['Type', key],
        ['Value', describeAnyValue(readAny(pair))],
      ])
    }),
  )
  return [
    toObject([
      ['Type', describeIdentifier(type)],
      ['Value', lists],
    ]),
  ]
}
