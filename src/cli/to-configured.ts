import type { Config } from '../config/to-config.ts'
import { AUTHENTICATION_METHODS, type AuthenticationMethod } from '../decision/identity.ts'
import type { Configured } from '../review/review-folder.ts'

/** The issuers and methods that a configuration knows callers by. */
export function toConfigured({ authentication }: Config): Configured {
  const { jwt, introspection, tokens, apiKeys, basic, certificates } = authentication
  const has: Readonly<Record<AuthenticationMethod, boolean>> = {
    jwt: jwt.length > 0,
    introspection: introspection.length > 0,
    token: tokens !== undefined,
    'api-key': apiKeys !== undefined,
    basic: basic !== undefined,
    certificate: certificates?.ca !== undefined,
  }
  return {
    issuers: [...jwt, ...introspection].flatMap(({ issuer }) => issuer ?? []),
    methods: AUTHENTICATION_METHODS.filter((method) => has[method]),
  }
}
