import type { PathForms } from '../decision/access-request.ts'
import { RegateError } from '../errors.ts'

export interface CanonicalPath {
  /** As sent, without the query. */
  readonly rawPath: string
  /** Decoded once and without `;params`; an encoded slash stays `%2F`. */
  readonly path: string
  /** The segments of `path`, without the empty one of a trailing slash; an encoded slash is decoded inside its segment. */
  readonly pathSegments: readonly string[]
  readonly pathForms: PathForms
  /** Without the `?`; empty where there is none. */
  readonly rawQuery: string
}

const CONTROL = /\p{Cc}/u
const STILL_ESCAPED = /%[0-9a-f]{2}/i
const ENCODED_SLASH = /%2f/i

/**
 * The one reading of a forwarded URI that everything else uses: split from its query, percent-decoded exactly once, `;params` cut.
 * `//` and `%2F` are reported in `pathForms`: whether they are admitted is the app's to say.
 *
 * Throws `URI_TOO_LONG` above `maxBytes`, and `FORWARDED_URI_INVALID` for what two readers could read differently: no leading `/`,
 * fragments, `\`, NUL and controls (raw or encoded), raw bytes outside ASCII, invalid escapes or UTF-8, a second layer of
 * escapes, and segments that are `.`, `..` or empty once decoded and cut (RFC 3986 sections 3.3 and 6.2.2).
 */
export function canonicalPath(uri: string, maxBytes: number): CanonicalPath {
  if (uri.length > maxBytes) {
    throw new RegateError('URI_TOO_LONG', `X-Forwarded-Uri is longer than ${maxBytes} bytes.`)
  }
  const mark = uri.indexOf('?')
  const rawPath = mark === -1 ? uri : uri.slice(0, mark)
  refuseRawCharacters(rawPath)
  const { path, pathSegments, pathForms } = readPlain(rawPath) ?? readSegments(rawPath.slice(1).split('/'))
  return { rawPath, path, pathSegments, pathForms, rawQuery: mark === -1 ? '' : uri.slice(mark + 1) }
}

function refuseRawCharacters(rawPath: string): void {
  if (rawPath.charCodeAt(0) !== 0x2f) throw invalid('does not start with "/"')
  for (let index = 0; index < rawPath.length; index += 1) {
    const code = rawPath.charCodeAt(index)
    if (code <= 0x20 || code >= 0x7f)
      throw invalid('holds a raw space, control character or byte outside ASCII')
    if (code === 0x5c) throw invalid('holds a backslash')
    if (code === 0x23) throw invalid('holds a fragment')
  }
}

type Segments = Omit<CanonicalPath, 'rawPath' | 'rawQuery'>

const PLAIN_FORMS: PathForms = Object.freeze({ emptySegments: false, encodedSlashes: false })

/** The common case: nothing to decode, to cut or to refuse, so that the path is its own canonical form. */
function readPlain(rawPath: string): Segments | undefined {
  if (rawPath === '/') return { path: rawPath, pathSegments: [], pathForms: PLAIN_FORMS }
  if (rawPath.includes('%') || rawPath.includes(';') || rawPath.includes('//') || rawPath.includes('/.'))
    return undefined
  const end = rawPath.endsWith('/') ? -1 : rawPath.length
  return { path: rawPath, pathSegments: rawPath.slice(1, end).split('/'), pathForms: PLAIN_FORMS }
}

function readSegments(rawSegments: readonly string[]): Segments {
  const pathSegments: string[] = []
  let path = ''
  let emptySegments = false
  let encodedSlashes = false
  const last = rawSegments.length - 1
  rawSegments.forEach((rawSegment, index) => {
    const segment = readSegment(rawSegment)
    path += segment.includes('/') ? `/${segment.replaceAll('/', '%2F')}` : `/${segment}`
    if (segment !== '' || index !== last) pathSegments.push(segment)
    if (segment === '' && index !== last) emptySegments = true
    if (rawSegment.includes('%') && ENCODED_SLASH.test(rawSegment)) encodedSlashes = true
  })
  return { path, pathSegments, pathForms: { emptySegments, encodedSlashes } }
}

/** The segment decoded and cut; empty only where nothing at all was sent. */
function readSegment(rawSegment: string): string {
  if (rawSegment === '') return ''
  const decoded = rawSegment.includes('%') ? decodeOnce(rawSegment) : rawSegment
  if (decoded.includes('/')) return decoded.split('/').map(cutParameters).join('/')
  return cutParameters(decoded)
}

function decodeOnce(rawSegment: string): string {
  const decoded = decodeUtf8(rawSegment)
  if (decoded.includes('\\')) throw invalid('holds an encoded backslash')
  if (CONTROL.test(decoded)) throw invalid('holds an encoded control character')
  if (decoded.includes('%') && STILL_ESCAPED.test(decoded)) throw invalid('is percent-encoded twice')
  return decoded
}

function decodeUtf8(rawSegment: string): string {
  try {
    return decodeURIComponent(rawSegment)
  } catch {
    throw invalid('holds an invalid percent-encoding')
  }
}

function cutParameters(piece: string): string {
  const semicolon = piece.indexOf(';')
  const cut = semicolon === -1 ? piece : piece.slice(0, semicolon)
  if (cut === '') throw invalid('holds a segment that is empty')
  if (cut === '.' || cut === '..') throw invalid('holds a segment that is "." or ".."')
  return cut
}

function invalid(reason: string): RegateError {
  return new RegateError('FORWARDED_URI_INVALID', `X-Forwarded-Uri ${reason}.`)
}
