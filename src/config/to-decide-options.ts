import type { DecideOptions } from '../decision/decide.ts'
import type { Config } from './to-config.ts'

/** What of the configuration has a say in decisions. */
export function toDecideOptions({
  authentication: { realm, jwt, introspection, tokens, apiKeys, basic },
  responseHeaders,
}: Pick<Config, 'authentication' | 'responseHeaders'>): DecideOptions {
  const takesBearer = [...jwt, ...introspection].length > 0 || tokens !== undefined || apiKeys !== undefined
  const bearer = takesBearer ? (['Bearer'] as const) : []
  const schemes = [...bearer, ...(basic === undefined ? [] : (['Basic'] as const))]
  return { challenge: { realm, schemes }, responseHeaders }
}
