import type { DecideOptions } from '../decision/decide.ts'
import type { Config } from './to-config.ts'

/** What of the configuration has a say in decisions. */
export function toDecideOptions({
  authentication: { realm, jwt, introspection, tokens, apiKeys, basic, dpop },
  responseHeaders,
}: Pick<Config, 'authentication' | 'responseHeaders'>): DecideOptions {
  const takesBearer = [...jwt, ...introspection].length > 0 || tokens !== undefined || apiKeys !== undefined
  const bearer = takesBearer ? (['Bearer'] as const) : []
  const schemes = [
    ...bearer,
    ...(takesBearer && dpop !== undefined ? (['DPoP'] as const) : []),
    ...(basic === undefined ? [] : (['Basic'] as const)),
  ]
  const proofAlgorithms = (dpop?.algorithms ?? []).join(' ')
  return { challenge: { realm, schemes, proofAlgorithms }, responseHeaders }
}
