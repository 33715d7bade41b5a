import { parseUrl, type Url } from './parse-url.ts'
import { isDomain } from './is-domain.ts'
import { contextTag, type Der, MalformedDer, readAny, readInner, TAG, readAll } from './read-der.ts'
import { decodeAscii } from './read-der-values.ts'

export interface AlternativeNames {
  readonly hosts: readonly string[]
  readonly emails: readonly string[]
  /** 4 or 16 bytes each. */
  readonly addresses: readonly Buffer[]
  readonly urls: readonly Url[]
}

export const NO_NAMES: AlternativeNames = { hosts: [], emails: [], addresses: [], urls: [] }

/** The names of a subject; kinds that Go passes over are missing. Throws `MalformedDer`. Source: RFC 5280, 4.2.1.6. */
export function parseAlternativeNames(der: Der): AlternativeNames {
  const names = readAll(readInner(der, TAG.sequence), readAny)
  const contents = (kind: number) =>
    names.filter(({ tag }) => tag === contextTag(kind)).map(({ content }) => content)
  return {
    hosts: contents(2).map(decodeAscii),
    emails: contents(1).map(decodeAscii),
    addresses: contents(7).map(checkAddress),
    urls: contents(6).map(decodeUrl),
  }
}

function checkAddress(content: Buffer): Buffer {
  if (content.length !== 4 && content.length !== 16) throw new MalformedDer()
  return content
}

function decodeUrl(content: Buffer): Url {
  const url = parseUrl(decodeAscii(content))
  if (url === undefined || !isDomain(url.host)) throw new MalformedDer()
  return url
}
