import type { Authentication } from '../decision/authentication.ts'
import { RegateError } from '../errors.ts'
import { HEADER_PROFILES, type ProfileName } from '../http/header-profile.ts'

/** A request to be explained, as it is written on the command line. */
export interface AskedRequest {
  readonly method: string
  /** Absolute, as written. */
  readonly url: string
  /** What the client sends, its credentials included. */
  readonly headers: readonly Header[]
  /** Lines that are added to those of the proxy as they are, to see what comes of malformed ones. */
  readonly rawHeaders: readonly Header[]
  readonly clientIp?: string | undefined
  /** Of `/auth/<app>`. */
  readonly app?: string | undefined
  /** Who the caller is taken for; absent: the credentials are judged. */
  readonly authentication?: Authentication | undefined
}

export type Header = readonly [name: string, value: string]

/**
 * The header lines in which the proxy would forward the request, names and values in turn. Nothing of it is judged here: that is
 * for the reader of the service. Throws `CONFIG_INVALID` for a URL without a host.
 */
export function toProxyLines({ method, url, ...asked }: AskedRequest, profile: ProfileName): string[] {
  const names = HEADER_PROFILES[profile]
  const { scheme, authority, uri } = splitUrl(url)
  const lines: readonly Header[] = [
    ...asked.headers,
    [names.method, method],
    [names.proto, scheme],
    [names.host, authority],
    [names.uri, uri],
    ...(asked.clientIp === undefined ? [] : [[names.clientAddresses, asked.clientIp] as const]),
    ...asked.rawHeaders,
  ]
  return lines.flatMap(([name, value]) => [name, toBytes(value)])
}

/** By hand: a parser would mend what a client can send. */
function splitUrl(url: string): {
  readonly scheme: string
  readonly authority: string
  readonly uri: string
} {
  const [, scheme, authority = '', rest = ''] = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)(.*)$/isu.exec(url) ?? []
  if (scheme === undefined)
    throw new RegateError(
      'CONFIG_INVALID',
      'Write the URL with scheme and host, such as https://app.example.com/path.',
    )
  return { scheme, authority, uri: rest.startsWith('/') ? rest : `/${rest}` }
}

/** As Node shows the bytes of a line. */
function toBytes(value: string): string {
  return Buffer.from(value).toString('latin1')
}
