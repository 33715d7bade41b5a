import { toObject } from '../values/value.ts'
import type { Value } from '../values/value.ts'
import type { BuiltinTable } from './builtin.ts'
import { parseAddress } from './parse-address.ts'
import { escapeBytes, fromBytes, PART_CHARACTERS, toBytes, unescapeBytes } from './percent-coding.ts'

/** `uri.*`: what Go's `url.Parse` takes. Source: OPA, v1/topdown/uri.go, and Go 1.26, net/url. */
export const uriBuiltins: BuiltinTable = {
  'uri.parse': ([text = null]) => (typeof text === 'string' ? describe(text) : undefined),
  'uri.is_valid': ([text = null]) =>
    typeof text === 'string' && text !== '' && parse(toBytes(text)) !== undefined,
}

/** Strings of bytes. */
interface Uri {
  readonly scheme: string
  readonly host: string
  readonly path: string
  readonly rawPath: string
  readonly rawQuery: string
  readonly fragment: string
}

const NOTHING: Uri = { scheme: '', host: '', path: '', rawPath: '', rawQuery: '', fragment: '' }

function describe(text: string): Value | undefined {
  const uri = parse(toBytes(text))
  if (!uri) return undefined
  const [hostname, port] = splitPort(uri.host)
  const parts = {
    scheme: uri.scheme,
    hostname,
    port,
    path: uri.path,
    raw_path: uri.rawPath,
    raw_query: uri.rawQuery,
    fragment: uri.fragment,
  }
  return toObject(Object.entries(parts).flatMap(([name, bytes]) => (bytes ? [[name, fromBytes(bytes)]] : [])))
}

function parse(bytes: string): Uri | undefined {
  const [reference, rawFragment] = cut(bytes, '#')
  const fragment = unescapeBytes(rawFragment)
  const uri = parseReference(reference)
  return uri && fragment !== undefined ? { ...uri, fragment } : undefined
}

function parseReference(reference: string): Uri | undefined {
  if (/[\0-\x1f\x7f]/.test(reference) || reference.startsWith(':')) return undefined
  if (reference === '*') return { ...NOTHING, path: '*', rawPath: '*' }
  const [, name, afterScheme = reference] = /^([A-Za-z][A-Za-z0-9+.-]*):(.*)$/s.exec(reference) ?? []
  const scheme = name?.toLowerCase() ?? ''
  const [hierarchy, rawQuery] = cut(afterScheme, '?')
  const uri = { ...NOTHING, scheme, rawQuery }
  if (!hierarchy.startsWith('/')) {
    if (scheme !== '') return uri
    // A colon in the first segment would read as a scheme.
    if (cut(hierarchy, '/')[0].includes(':')) return undefined
  }
  if (!hierarchy.startsWith('//') || (scheme === '' && hierarchy.startsWith('///'))) {
    return setPath(uri, hierarchy)
  }
  const [, authority = '', path = ''] = /^\/\/([^/]*)(.*)$/s.exec(hierarchy) ?? []
  const host = parseAuthority(scheme, authority)
  return host === undefined ? undefined : setPath({ ...uri, host }, path)
}

/** The path as it was written is kept only where it differs from the usual escapes. */
function setPath(uri: Uri, written: string): Uri | undefined {
  const path = unescapeBytes(written)
  if (path === undefined) return undefined
  return { ...uri, path, rawPath: escapeBytes(path, PART_CHARACTERS.path) === written ? path : written }
}

function parseAuthority(scheme: string, authority: string): string | undefined {
  const at = authority.lastIndexOf('@')
  const user = at < 0 ? '' : authority.slice(0, at)
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(user) || unescapeBytes(user) === undefined) return undefined
  return parseHost(scheme, authority.slice(at + 1))
}

function parseHost(scheme: string, host: string): string | undefined {
  const bracket = host.lastIndexOf('[')
  if (bracket > 0) return undefined
  if (bracket === 0) return parseLiteral(host)
  // More than one colon is an error only where a port must be one.
  const colon = /^https?$/.test(scheme) ? host.indexOf(':') : host.lastIndexOf(':')
  return colon >= 0 && !isPort(host.slice(colon)) ? undefined : unescapeHost(host)
}

/** An address of version 6 in brackets, RFC 6874 zones included. */
function parseLiteral(host: string): string | undefined {
  const end = host.lastIndexOf(']')
  const port = host.slice(end + 1)
  if (end < 0 || !isPort(port)) return undefined
  const name = host.slice(1, end)
  const at = name.includes('%25') ? name.indexOf('%25') : name.length
  const [address, zone] = [unescapeHost(name.slice(0, at)), unescapeZone(name.slice(at))]
  if (address === undefined || zone === undefined) return undefined
  return parseAddress(address + zone)?.version === 6 ? `[${address}${zone}]${port}` : undefined
}

/** Escapes may stand for what is not ASCII, and for the percent sign itself. */
function unescapeHost(host: string): string | undefined {
  return hasHostCharacters(host) && !/%(?!25)[0-7]/.test(host) ? unescapeBytes(host) : undefined
}

/** Escapes may stand for what could be written without, for a blank and for the percent sign. */
function unescapeZone(zone: string): string | undefined {
  const plain = hasHostCharacters(zone) ? unescapeBytes(zone) : undefined
  const escapes = zone.match(/%../gs) ?? []
  return escapes.every((escape) => escape === '%25' || isZoneByte(unescapeBytes(escape))) ? plain : undefined
}

function isZoneByte(byte: string | undefined): boolean {
  return byte !== undefined && (/[A-Za-z0-9 ]/.test(byte) || PART_CHARACTERS.host.includes(byte))
}

function hasHostCharacters(text: string): boolean {
  const rest = text.replaceAll(/[A-Za-z0-9%\x80-\xff]/g, '')
  return Array.from(rest).every((byte) => PART_CHARACTERS.host.includes(byte))
}

function isPort(text: string): boolean {
  return /^(?::[0-9]*)?$/.test(text)
}

function splitPort(host: string): readonly [hostname: string, port: string] {
  const colon = host.lastIndexOf(':')
  const hasPort = colon >= 0 && isPort(host.slice(colon))
  const name = hasPort ? host.slice(0, colon) : host
  return [/^\[.*\]$/s.test(name) ? name.slice(1, -1) : name, hasPort ? host.slice(colon + 1) : '']
}

function cut(text: string, separator: string): readonly [before: string, after: string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}
