import { escapeBytes, PART_CHARACTERS, unescapeBytes } from '../percent-coding.ts'
import { uriBuiltins } from '../uri.ts'
import type { EvaluationContext } from '../builtin.ts'

/** The fields of Go's `url.URL`, and the text that Go makes of them. Strings of bytes. */
export interface Url {
  readonly scheme: string
  readonly opaque: string
  /** As Go writes it; `undefined`: there was none. */
  readonly user: string | undefined
  readonly host: string
  readonly path: string
  readonly rawPath: string
  readonly omitHost: boolean
  readonly forceQuery: boolean
  readonly rawQuery: string
  readonly fragment: string
  readonly rawFragment: string
}

const NOTHING: Url = {
  scheme: '',
  opaque: '',
  user: undefined,
  host: '',
  path: '',
  rawPath: '',
  omitHost: false,
  forceQuery: false,
  rawQuery: '',
  fragment: '',
  rawFragment: '',
}

const USER_CHARACTERS = '-_.~$&+,;='
const FRAGMENT_CHARACTERS = `${PART_CHARACTERS.path}?!()*`

/** Undefined where Go's `url.Parse` refuses. `text` is ASCII. */
export function parseUrl(text: string): Url | undefined {
  if (text === '') return NOTHING
  return isUrl(text) ? splitUrl(text) : undefined
}

/** What a URL is has one home: the builtin that policies ask. */
function isUrl(text: string): boolean {
  return uriBuiltins['uri.is_valid']?.([text], NO_CONTEXT) === true
}

const NO_CONTEXT: EvaluationContext = { nowNs: () => 0n, once: (_, make) => make(), print: () => undefined }

/** Takes a text apart that is known to be a URL. */
function splitUrl(text: string): Url {
  const [reference, written = ''] = cut(text, '#')
  const fragment = unescapeBytes(written) ?? ''
  const rawFragment = escapeBytes(fragment, FRAGMENT_CHARACTERS) === written ? '' : written
  if (reference === '*') return { ...NOTHING, path: '*', fragment, rawFragment }
  const [, name, rest = reference] = /^([A-Za-z][A-Za-z0-9+.-]*):(.*)$/s.exec(reference) ?? []
  const scheme = name?.toLowerCase() ?? ''
  const [hierarchy, query] = cut(rest, '?')
  const forceQuery = query === ''
  const url = { ...NOTHING, scheme, forceQuery, rawQuery: query ?? '', fragment, rawFragment }
  if (scheme !== '' && !hierarchy.startsWith('/')) return { ...url, opaque: hierarchy }
  if (hierarchy.startsWith('//') && (scheme !== '' || !hierarchy.startsWith('///')))
    return splitHost(url, hierarchy)
  return { ...url, ...splitPath(hierarchy), omitHost: scheme !== '' && hierarchy.startsWith('/') }
}

function splitHost(url: Url, hierarchy: string): Url {
  const [, authority = '', path = ''] = /^\/\/([^/]*)(.*)$/s.exec(hierarchy) ?? []
  const at = authority.lastIndexOf('@')
  const host = unescapeBytes(authority.slice(at + 1)) ?? ''
  return { ...url, user: at < 0 ? undefined : writeUser(authority.slice(0, at)), host, ...splitPath(path) }
}

function writeUser(user: string): string {
  const [name, password] = cut(user, ':').map(
    (part) => part && escapeBytes(unescapeBytes(part) ?? '', USER_CHARACTERS),
  )
  return password === undefined ? (name ?? '') : `${name}:${password}`
}

function splitPath(written: string): { path: string; rawPath: string } {
  const path = unescapeBytes(written) ?? ''
  return { path, rawPath: escapeBytes(path, PART_CHARACTERS.path) === written ? '' : written }
}

/** The text of a URL as Go's `String` writes it. */
export function writeUrl(url: Url): string {
  const scheme = url.scheme === '' ? '' : `${url.scheme}:`
  const query = url.forceQuery || url.rawQuery !== '' ? `?${url.rawQuery}` : ''
  const fragment =
    url.fragment === '' ? '' : `#${keepWritten(url.rawFragment, url.fragment, FRAGMENT_CHARACTERS)}`
  return `${scheme}${url.opaque === '' ? writeHierarchy(url) : url.opaque}${query}${fragment}`
}

function writeHierarchy({ scheme, user, host, path, rawPath, omitHost }: Url): string {
  const written = path === '*' ? '*' : keepWritten(rawPath, path, PART_CHARACTERS.path)
  const hasHost = host !== '' || user !== undefined
  const slashes = hasHost || (scheme !== '' && path !== '' && !omitHost) ? '//' : ''
  const authority = `${slashes}${user === undefined ? '' : `${user}@`}${escapeBytes(host, PART_CHARACTERS.host)}`
  if (host !== '' && written !== '' && !written.startsWith('/')) return `${authority}/${written}`
  const looksLikeScheme = scheme === '' && authority === '' && cut(written, '/')[0].includes(':')
  return `${authority}${looksLikeScheme ? './' : ''}${written}`
}

/** The escapes as they were written, where all is escaped that must be. */
function keepWritten(written: string, plain: string, characters: string): string {
  const isEscaped = written !== '' && escapeBytes(written, `${characters}!$&'()*+,;=:@[]%`) === written
  return isEscaped ? written : escapeBytes(plain, characters)
}

function cut(text: string, separator: string): readonly [before: string, after: string | undefined] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)]
}
