import type { DataPlaneOptions } from '../http/create-data-plane.ts'
import type { Config } from './to-config.ts'

/** What of the configuration has a say in how the proxy's calls are read. */
export function toDataPlaneOptions({
  proxy,
  authentication: { from, apiKeys, certificates, dpop },
  limits,
  shutdownMs,
}: Pick<Config, 'proxy' | 'authentication' | 'limits' | 'shutdownMs'>) {
  return {
    profile: proxy.profile,
    trustedProxies: proxy.trusted,
    trustEveryone: proxy.trustEveryone,
    tokenCookies: from.flatMap((place) => (place.kind === 'cookie' ? [place.name] : [])),
    tokenHeaders: [
      ...from.flatMap((place) => (place.kind === 'header' ? [place.name] : [])),
      ...(apiKeys?.header === undefined ? [] : [apiKeys.header]),
      ...(certificates === undefined ? [] : CERTIFICATE_HEADERS[certificates.header]),
      ...(dpop === undefined ? [] : ['dpop']),
    ],
    // What is not answered after nine tenths of the time to shut down is cut, so that the log can still say so.
    limits: { ...limits, drainMs: shutdownMs * 0.9 },
  } satisfies DataPlaneOptions
}

/** RFC 9440 has the rest of the chain in a header of its own. */
const CERTIFICATE_HEADERS = {
  'x-forwarded-tls-client-cert': ['x-forwarded-tls-client-cert'],
  'client-cert': ['client-cert', 'client-cert-chain'],
} as const
