import { CERTIFICATE_HEADER } from './certificate-header.ts'
import type { AppMiddleware, ForwardAuth } from './to-middlewares.ts'

/** A middleware with its options, as Traefik's dynamic configuration has it. */
export type Part =
  | { readonly forwardAuth: ForwardAuth }
  | { readonly chain: { readonly middlewares: readonly string[] } }
  | { readonly headers: { readonly customRequestHeaders: Readonly<Record<string, string>> } }
  | { readonly passTLSClientCert: { readonly pem: true } }

// No app's middleware begins like these.
const CLEAR = 'clear-certificate-for-regate'
const PASS = 'pass-certificate-to-regate'

/**
 * The middlewares of Traefik that the one of an app is made of, by name. With certificates the router's name is a chain, which
 * first empties the header: only then can nothing but the handshake fill it, on whatever entry point and router.
 */
export function toParts(
  { forwardAuth, takesCertificates }: AppMiddleware,
  name: string,
): readonly (readonly [name: string, part: Part])[] {
  if (takesCertificates !== true) return [[name, { forwardAuth }]]
  const ask = `ask-${name}`
  return [
    [CLEAR, { headers: { customRequestHeaders: { [CERTIFICATE_HEADER]: '' } } }],
    [PASS, { passTLSClientCert: { pem: true } }],
    [ask, { forwardAuth }],
    [name, { chain: { middlewares: [CLEAR, PASS, ask] } }],
  ]
}
