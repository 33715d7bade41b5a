import { toObject, isArray, isObject, isSet, type ObjectValue, type Value } from '../values/value.ts'
import type { Builtin, BuiltinTable } from './builtin.ts'
import { attempt } from './bytes/attempt.ts'
import { decodeBase64 } from './bytes/decode-base64.ts'
import { describeCertificate, describeUrlTexts } from './certificates/describe-certificate.ts'
import { KEY_USAGE_NAMES } from './certificates/extended-key-usages.ts'
import type { Certificate } from './certificates/parse-certificate.ts'
import { parseCertificateRequest } from './certificates/parse-certificate-request.ts'
import { parsePem } from './certificates/parse-pem.ts'
import { parseKeyPair, parsePrivateKeys, toPrivateJsonWebKey } from './certificates/private-keys.ts'
import { readCertificates } from './certificates/read-certificates.ts'
import { MalformedDer } from './certificates/read-der.ts'
import { type ChainOptions, verifyChain } from './certificates/verify-chain.ts'
import { toInt64 } from './to-int64.ts'

/** Certificates and private keys. Source: OPA, "Crypto"; the shapes are those of Go's `encoding/json`. */
export const certificateBuiltins: BuiltinTable = {
  'crypto.x509.parse_certificates': onText((text) => readCertificates(text).map(describeExtended)),
  'crypto.x509.parse_certificate_request': onText((text) => parseCertificateRequest(readRequest(text))),
  'crypto.x509.parse_and_verify_certificates': ([text], { nowNs }) => {
    if (typeof text !== 'string') return undefined
    return verify(text, { nowNs: nowNs(), host: '', usages: [] }, describeExtended)
  },
  'crypto.x509.parse_and_verify_certificates_with_options': ([text, options = null], { nowNs }) => {
    if (typeof text !== 'string' || !isObject(options)) return undefined
    return verifyWithOptions(text, options, nowNs())
  },
  'crypto.x509.parse_keypair': ([certificate, key]) =>
    typeof certificate === 'string' && typeof key === 'string'
      ? attempt(() => parseKeyPair(certificate, key))
      : undefined,
  'crypto.x509.parse_rsa_private_key': onText(toPrivateJsonWebKey),
  'crypto.parse_private_keys': onText(parsePrivateKeys),
}

/** What the certificates' code throws stays in here: bad text is Rego's undefined. */
function onText(make: (text: string) => Value): Builtin {
  return ([text]) => (typeof text === 'string' ? attempt(() => make(text)) : undefined)
}

function describeExtended(certificate: Certificate): Value {
  return toObject([...describeCertificate(certificate), describeUrlTexts(certificate)])
}

function describePlain(certificate: Certificate): Value {
  return toObject(describeCertificate(certificate))
}

/** `[true, chain]`, or `[false, []]` for whatever is wrong. */
function verify(text: string, options: ChainOptions, describe: (certificate: Certificate) => Value): Value {
  const chain = attempt(() => verifyChain(readCertificates(text), options))
  return chain === undefined ? [false, []] : [true, chain.map(describe)]
}

function verifyWithOptions(text: string, options: ObjectValue, nowNs: bigint): Value | undefined {
  const certificates = attempt(() => readCertificates(text))
  if (certificates === undefined) return [false, []]
  const chainOptions = readOptions(options, nowNs)
  return chainOptions && verify(text, chainOptions, describePlain)
}

/** Undefined for an unknown option or one of another type; keys that are no text are passed over. */
function readOptions({ entries }: ObjectValue, nowNs: bigint): ChainOptions | undefined {
  let options: ChainOptions = { nowNs, host: '', usages: [] }
  for (const [name, value] of entries) {
    const read = typeof name === 'string' ? readOption(name, value) : {}
    if (read === undefined) return undefined
    options = { ...options, ...read }
  }
  return options
}

function readOption(name: string, value: Value): Partial<ChainOptions> | undefined {
  switch (name) {
    case 'DNSName':
      return typeof value === 'string' ? { host: trimQuotes(value) } : undefined
    case 'CurrentTime': {
      const time = toInt64(value)
      return time === undefined ? undefined : { nowNs: time }
    }
    case 'MaxConstraintComparisons':
      // Go takes the number and has no use for it any more.
      return toInt64(value) === undefined ? undefined : {}
    case 'KeyUsages': {
      const items = isArray(value) ? value : isSet(value) ? value.items : undefined
      return items && readUsages(items)
    }
    default:
      return undefined
  }
}

function readUsages(items: readonly Value[]): Partial<ChainOptions> | undefined {
  const usages = items
    .filter((item) => typeof item === 'string')
    .map((item) => KEY_USAGE_NAMES.indexOf(trimQuotes(item)))
  return usages.includes(-1) ? undefined : { usages }
}

function trimQuotes(text: string): string {
  let [start, end] = [0, text.length]
  while (start < end && text[start] === '"') start += 1
  while (end > start && text[end - 1] === '"') end -= 1
  return text.slice(start, end)
}

/** PEM, or base64 of PEM or DER. */
function readRequest(text: string): Buffer {
  const isPem = text.startsWith('-----BEGIN CERTIFICATE REQUEST-----')
  const bytes = isPem ? Buffer.from(text) : decodeBase64(text)
  if (bytes === undefined) throw new MalformedDer()
  const block = parsePem(bytes.toString('latin1'))
  if (block !== undefined && block.type !== 'CERTIFICATE REQUEST') throw new MalformedDer()
  return block?.bytes ?? bytes
}
