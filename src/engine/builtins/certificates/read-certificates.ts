import { decodeBase64 } from '../bytes/decode-base64.ts'
import { type Certificate, parseCertificates } from './parse-certificate.ts'
import { parsePem } from './parse-pem.ts'
import { MalformedDer } from './read-der.ts'

const BEGIN = '-----BEGIN'

/** PEM, base64 of PEM, or base64 of DER: the certificates in their order. Throws `MalformedDer`. */
export function readCertificates(text: string): Certificate[] {
  if (text.startsWith(BEGIN)) return readBlocks(Buffer.from(text).toString('latin1'))
  const bytes = decodeBase64(text)
  if (bytes === undefined) throw new MalformedDer()
  const decoded = bytes.toString('latin1')
  return decoded.startsWith(BEGIN) ? readBlocks(decoded) : parseCertificates(bytes)
}

function readBlocks(text: string): Certificate[] {
  const parts: Buffer[] = []
  for (let block = parsePem(text); block !== undefined; block = parsePem(block.rest)) {
    if (block.type !== 'CERTIFICATE') throw new MalformedDer()
    parts.push(block.bytes)
  }
  return parseCertificates(Buffer.concat(parts))
}
