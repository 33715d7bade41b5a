import type { AuthenticationMethod } from '../decision/identity.ts'
import type { Finding } from './finding.ts'
import { locateInMetadata } from './locate-in-metadata.ts'
import type { ReviewedApp } from './reviewed-app.ts'

const SETTINGS: Readonly<Record<AuthenticationMethod, string>> = {
  jwt: 'authentication.jwt',
  introspection: 'authentication.introspection',
  token: 'authentication.tokens',
  'api-key': 'authentication.apiKeys',
  basic: 'authentication.basic',
  certificate: 'authentication.certificates.ca',
}

/** Methods that an app's METADATA accepts and that the configuration does not have: nobody is known by them. */
export function findUnconfiguredMethods(
  app: Pick<ReviewedApp, 'name' | 'annotation' | 'files'>,
  configured: readonly AuthenticationMethod[],
): readonly Finding[] {
  const methods = app.annotation.authentication?.methods ?? []
  return methods
    .filter((method) => !configured.includes(method))
    .map((method) => ({
      severity: 'warning',
      rule: 'method-unconfigured',
      location: locateInMetadata(app, method),
      message: `the configuration has no ${SETTINGS[method]}, so nobody is known here by ${method}`,
    }))
}
