import { createImpersonator } from '../../src/auth/create-impersonator.ts'
import { parseTokenTable } from '../../src/auth/parse-token-table.ts'
import type { RequestTester } from '../../src/catalog/request-tester.ts'
import { createRequestTester } from '../../src/create-request-tester.ts'
import { createTrustedProxies } from '../../src/http/trusted-proxies.ts'

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
  const tokens = parseTokenTable('tokens.yaml', TOKENS)
  return createRequestTester({
    forwarded: {
      profile: 'traefik',
      tokenCookies: [],
      tokenHeaders: [],
      uriBytes: 16_384,
      queryKeys: 256,
      headerLines: 216,
      headerBytes: 65_536,
    },
    trustedProxies: createTrustedProxies(['127.0.0.0/8'], { allowEveryone: false }),
    decide: {
      challenge: { realm: 'regate', schemes: ['Bearer'] },
      responseHeaders: { userId: 'X-User-ID', roles: 'X-User-Roles', separator },
    },
    impersonate: createImpersonator({
      jwt: issuers.map((issuer) => ({
        issuer,
        audiences: ['grafana'],
        keys: { kind: 'discovery' },
        algorithms: ['RS256'],
        clockToleranceMs: 0,
        allowHttp: false,
        claims: CLAIMS,
      })),
      limits: { tokenBytes: 16_384, claimCount: 256, claimDepth: 16 },
      tokens: () => tokens,
    }),
    now: Date.now,
    fingerprint: 'test',
  })
}
