import { createImpersonator } from '../../src/auth/create-impersonator.ts'
import { parseTokenTable } from '../../src/auth/parse-token-table.ts'
import type { RequestTester } from '../../src/catalog/request-tester.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { createRequestTester } from '../../src/create-request-tester.ts'

const CLAIMS = {
  subject: 'sub',
  roles: 'realm_access.roles',
  groups: 'groups',
  scopes: 'scope',
  email: 'email',
  name: 'name',
}

const TOKENS = `
demo: { plain: valid-token-123, subject: user-abc, roles: [admin] }
old: { plain: valid-token-456, subject: old, expires: 2020-01-01 }
`

interface Options {
  readonly issuers?: readonly string[]
  readonly separator?: string
}

/** The real chain, with two static tokens and an issuer whose roles lie deep. */
export function createTestRequestTester({
  issuers = ['https://id.example.com'],
  separator = ',',
}: Options = {}): RequestTester {
  const { authentication, responseHeaders, ...config } = loadConfig({ environment: {}, folder: '/' })
  const tokens = parseTokenTable('tokens.yaml', TOKENS)
  const jwt = issuers.map((issuer) => ({
    issuer,
    audiences: ['grafana'],
    keys: { kind: 'discovery' } as const,
    algorithms: ['RS256' as const],
    clockToleranceMs: 0,
    allowHttp: false,
    claims: CLAIMS,
  }))
  return createRequestTester(
    {
      ...config,
      authentication: { ...authentication, jwt },
      responseHeaders: { ...responseHeaders, separator },
    },
    {
      impersonate: createImpersonator({ jwt, limits: authentication.limits, tokens: () => tokens }),
      now: Date.now,
      version: 'test',
    },
  )
}
