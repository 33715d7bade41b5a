import type { AccessRequest } from '../decision/access-request.ts'
import { RegateError } from '../errors.ts'
import { canonicalPath } from './canonical-path.ts'
import { readClientIp } from './client-ip.ts'
import { collectLines } from './collect-lines.ts'
import type { Lines } from './collect-lines.ts'
import { HEADER_PROFILES } from './header-profile.ts'
import type { ProfileName } from './header-profile.ts'
import { createHeaderRoles } from './header-roles.ts'
import { nameHeader } from './name-header.ts'
import type { MutableNameValues } from './name-values.ts'
import { parseHost } from './parse-host.ts'
import { parseQuery } from './parse-query.ts'
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

export interface ForwardedSource {
  readonly id: string
  /** Names and values in turn, one pair a line, as Node gives them. */
  readonly rawHeaders: readonly string[]
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

  return ({ id, rawHeaders }) => {
    const lines = collectLines(rawHeaders, roles, options)
    const { single, headers } = lines
    const method = readMethod(required(single.method, profile.method))
    const scheme = readScheme(required(single.proto, profile.proto))
    const { host, port = SCHEMES[scheme] } = parseHost(required(single.host, profile.host))
    const { rawQuery, ...path } = canonicalPath(required(single.uri, profile.uri), options.uriBytes)
    const cookies = takeTokenCookies(headers, tokenCookies)
    return {
      id,
      method,
      scheme,
      host,
      port,
      ...path,
      query: parseQuery(rawQuery, options.queryKeys),
      headers,
      oddHeaderNames: lines.oddHeaderNames,
      preflight: isPreflight(method, headers),
      websocket: headers['sec-websocket-key'] !== undefined,
      credentials: toCredentials(lines, cookies),
      ...readOptional(lines, trustedProxies),
    }
  }
}

function takeTokenCookies(headers: MutableNameValues, tokenCookies: ReadonlySet<string>) {
  const { tokens, others } = splitCookies(headers['cookie'], tokenCookies)
  if (others !== undefined) headers['cookie'] = [others]
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

function readOptional(
  { single: { clientAddresses }, headers }: Lines,
  trustedProxies: TrustedProxies,
): Pick<AccessRequest, 'clientIp' | 'clientRequestId' | 'traceId'> {
  const clientIp = clientAddresses === undefined ? undefined : readClientIp(clientAddresses, trustedProxies)
  const clientRequestId = readRequestId(headers['x-request-id'])
  const traceId = readTraceId(headers['traceparent'])
  return {
    ...(clientIp === undefined ? undefined : { clientIp }),
    ...(clientRequestId === undefined ? undefined : { clientRequestId }),
    ...(traceId === undefined ? undefined : { traceId }),
  }
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
