import type { Middleware } from './traefik-state.ts'

/** Whom a ForwardAuth asks. */
export type ForwardAuthKind = 'regate' | 'other'

/** What was found at the address of a ForwardAuth. */
export type ProbeResult =
  | { readonly kind: 'regate'; readonly code: string }
  | { readonly kind: 'other' }
  | { readonly kind: 'unresolved'; readonly reason: string }
  | { readonly kind: 'unreachable'; readonly reason: string }

export interface ClassifyOptions {
  /** Where Regate is expected, as an origin. */
  readonly address: string
  readonly probes: ReadonlyMap<string, ProbeResult>
}

/** Undefined where the middleware is no ForwardAuth. What cannot be reached from here is Regate's where its path is. */
export function classifyForwardAuth(
  middleware: Middleware,
  { address, probes }: ClassifyOptions,
): ForwardAuthKind | undefined {
  if (middleware.type !== 'forwardauth') return undefined
  const asked = readAddress(middleware)
  const probe = probes.get(asked)
  if (probe?.kind === 'regate' || URL.parse(asked)?.origin === address) return 'regate'
  if (probe?.kind === 'other') return 'other'
  return AUTH_PATH.test(URL.parse(asked)?.pathname ?? '') ? 'regate' : 'other'
}

/** `/auth`, `/auth/<app>` */
export const AUTH_PATH = /^\/auth(?:\/(?<app>[^/]+))?$/

export function readAddress({ options }: Middleware): string {
  const { address } = options
  return typeof address === 'string' ? address : ''
}
