/**
 * A request as the proxy forwarded it, read and cleaned once. Whatever could not be read safely was refused before.
 * Keys that come from outside live in null-prototype objects. Values that are not known are absent, never null or "".
 */
export interface AccessRequest {
  /** The decision id: ours alone, never taken from the caller. */
  readonly id: string
  /** An upper-case token, as forwarded. */
  readonly method: string
  readonly scheme: 'http' | 'https' | 'ws' | 'wss'
  /** Lower case, without port and trailing dot; IPv6 in brackets. */
  readonly host: string
  /** 1–65535: the forwarded host's, else the default of the scheme. */
  readonly port: number
  /** Decoded once, without `;params`. An encoded slash, where an app admits one, stays `%2F` here. */
  readonly path: string
  /** `/` is `[]`, `/a/` is `['a']`; a segment with an encoded slash is whole. */
  readonly pathSegments: readonly string[]
  /** The path as sent, without the query. */
  readonly rawPath: string
  /** Path forms that an app must opt in to; both false for nearly every request. */
  readonly pathForms: PathForms
  readonly query: NameValues
  /** Lower-case names, without credentials and forwarded headers. */
  readonly headers: NameValues
  /** Header names in lower case that hold a character other than letter, digit and `-`: candidates of the alias guard. */
  readonly oddHeaderNames: readonly string[]
  readonly clientIp?: string
  readonly preflight: boolean
  readonly websocket: boolean
  readonly credentials: Credentials
  /** The client's own `X-Request-Id` and the trace id of `traceparent`: for the log, never trusted. */
  readonly clientRequestId?: string
  readonly traceId?: string
}

export interface PathForms {
  /** The path holds `//`. */
  readonly emptySegments: boolean
  /** The path holds `%2F`. */
  readonly encodedSlashes: boolean
}

export type NameValues = { readonly [name: string]: readonly string[] }

/** What a caller may prove itself with, exactly as sent. Only `auth/` reads it. */
export interface Credentials {
  /** The one Authorization line; repeated ones were refused. */
  readonly authorization?: string
  /** Cookie pairs in the order sent, name → values. */
  readonly cookies: NameValues
  /** Every header that the configuration names as a token source, lower-case name → lines. */
  readonly headers: NameValues
}
