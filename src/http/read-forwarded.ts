import type { AccessRequest } from '../decision/access-request.ts'
import { RegateError } from '../errors.ts'
import { canonicalPath } from './canonical-path.ts'
import { readClientIp } from './client-ip.ts'
import { collectLines } from './collect-lines.ts'
import type { HeaderSource, Lines } from './collect-lines.ts'
import { HEADER_PROFILES } from './header-profile.ts'
import type { ProfileName } from './header-profile.ts'
import { createHeaderRoles } from './header-roles.ts'
import { nameHeader } from './name-header.ts'
import type { MutableNameValues } from './name-values.ts'
import { parseHost } from './parse-host.ts'
import { parseQuery } from './parse-query.ts'
import { remember } from './remember.ts'
import { splitCookies } from './split-cookies.ts'
import { readTraceId } from './trace-id.ts'
import type { TrustedProxies } from './trusted-proxies.ts'

export interface ForwardedOptions {
  readonly profile: ProfileName
  /** Names of the cookies and (in any case) headers that carry tokens. */
  readonly tokenCookies: readonly string[]
  readonly tokenHeaders: readonly string[]
  readonly uriBytes: number
  readonly queryKeys: number
  readonly headerLines: number
  readonly headerBytes: number
}

export interface ForwardedSource extends HeaderSource {
  readonly id: string
}

export type ReadForwarded = (source: ForwardedSource) => AccessRequest

const SCHEMES = { http: 80, https: 443, ws: 80, wss: 443 } as const
const LONGEST_REQUEST_ID = 256

/**
 * Makes `readForwarded`: the header lines of a trusted proxy's call to the request that was forwarded, in one pass.
 * The peer must have been checked before. Nothing is guessed and nothing half read:
 *
 * - `FORWARDED_HEADER_MISSING`, `FORWARDED_HEADER_REPEATED`: not exactly one line, with text in it, of method, host, proto, URI
 * - `FORWARDED_METHOD_INVALID`, `FORWARDED_PROTO_INVALID`, `FORWARDED_HOST_INVALID`, `FORWARDED_URI_INVALID`
 * - `AUTHORIZATION_REPEATED`: the proxy hands all lines to the app, which may read another one than we do
 * - `HEADERS_TOO_LARGE`, `URI_TOO_LONG`, `QUERY_TOO_LARGE`
 *
 * Their messages name the header and hold nothing that was sent.
 */
export function createForwardedReader(
  options: ForwardedOptions,
  trustedProxies: TrustedProxies,
): ReadForwarded {
  const profile = HEADER_PROFILES[options.profile]
  const tokenHeaders = options.tokenHeaders.map((name) => name.toLowerCase())
  const roles = createHeaderRoles(profile, tokenHeaders)
  const tokenCookies = new Set(options.tokenCookies)
  const readHost = remember(parseHost, TEXTS_KEPT)
  const readAddress = remember((line) => ({ ip: readClientIp(line, trustedProxies) }), TEXTS_KEPT)

  return (source) => {
    const lines = collectLines(source, roles, options)
    const { single, headers } = lines
    const method = readMethod(required(single.method, profile.method))
    const scheme = readScheme(required(single.proto, profile.proto))
    const { host, port = SCHEMES[scheme] } = readHost(required(single.host, profile.host))
    const uri = canonicalPath(required(single.uri, profile.uri), options.uriBytes)
    const request: MutableRequest = {
      id: source.id,
      method,
      scheme,
      host,
      port,
      path: uri.path,
      pathSegments: uri.pathSegments,
      rawPath: uri.rawPath,
      pathForms: uri.pathForms,
      query: parseQuery(uri.rawQuery, options.queryKeys),
      headers,
      oddHeaderNames: lines.oddHeaderNames,
      preflight: isPreflight(method, headers),
      websocket: headers['sec-websocket-key'] !== undefined,
      credentials: toCredentials(lines, takeTokenCookies(headers, tokenCookies)),
    }
    addOptional(request, lines, readAddress)
    return request
  }
}

const TEXTS_KEPT = 1000

type MutableRequest = { -readonly [Key in keyof AccessRequest]: AccessRequest[Key] }

function takeTokenCookies(headers: MutableNameValues, tokenCookies: ReadonlySet<string>) {
  const { tokens, others } = splitCookies(headers['cookie'], tokenCookies)
  if (others !== undefined) headers['cookie'] = [others]
  // Where the cookies were tokens alone. Rare enough for what `delete` costs.
  else if (headers['cookie'] !== undefined) delete headers['cookie']
  return tokens
}

function toCredentials(
  lines: Lines,
  cookies: AccessRequest['credentials']['cookies'],
): AccessRequest['credentials'] {
  const { authorization } = lines.single
  const headers = lines.tokenHeaders
  return authorization === undefined ? { cookies, headers } : { authorization, cookies, headers }
}

function addOptional(
  request: MutableRequest,
  { single: { clientAddresses }, headers }: Lines,
  readAddress: (line: string) => { readonly ip: string | undefined },
): void {
  const clientIp = clientAddresses === undefined ? undefined : readAddress(clientAddresses).ip
  const clientRequestId = readRequestId(headers['x-request-id'])
  const traceId = readTraceId(headers['traceparent'])
  if (clientIp !== undefined) request.clientIp = clientIp
  if (clientRequestId !== undefined) request.clientRequestId = clientRequestId
  if (traceId !== undefined) request.traceId = traceId
}

/** One line of bounded length, else nobody's. */
function readRequestId(lines: readonly string[] | undefined): string | undefined {
  const [line = ''] = lines ?? []
  return lines?.length === 1 && line !== '' && line.length <= LONGEST_REQUEST_ID ? line : undefined
}

/** A CORS preflight as the Fetch standard defines it. */
function isPreflight(method: string, headers: MutableNameValues): boolean {
  return (
    method === 'OPTIONS' &&
    headers['origin'] !== undefined &&
    headers['access-control-request-method'] !== undefined
  )
}

function readMethod(text: string): string {
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    const letter = code >= 0x41 && code <= 0x5a
    if (!letter && !METHOD_MARKS.includes(text.charAt(index))) {
      throw new RegateError('FORWARDED_METHOD_INVALID', 'X-Forwarded-Method is not an upper-case token.')
    }
  }
  return text
}

// The token characters of RFC 9110 section 5.6.2 other than letters.
const METHOD_MARKS = "0123456789-_.!#$%&'*+^`|~"

function readScheme(text: string): keyof typeof SCHEMES {
  switch (text) {
    case 'http':
    case 'https':
    case 'ws':
    case 'wss':
      return text
    default:
      throw new RegateError('FORWARDED_PROTO_INVALID', 'X-Forwarded-Proto is not http, https, ws or wss.')
  }
}

function required(line: string | undefined, name: string): string {
  if (line !== undefined && line !== '') return line
  throw new RegateError('FORWARDED_HEADER_MISSING', `${nameHeader(name)} is missing or empty.`)
}
