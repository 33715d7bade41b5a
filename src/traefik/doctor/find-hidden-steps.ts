import type { Examination } from './examination.ts'
import type { CheckResult } from './finding.ts'

/** What the API names and does not show. */
export function findHiddenSteps({ routes, state }: Examination): CheckResult {
  const plugins = routes.flatMap(({ steps }) => steps).filter(({ type }) => !KNOWN_TYPES.has(type))
  const names = [...new Set(plugins.map(({ name }) => name))]
  return {
    findings: [],
    notVisible: [
      ...names.map((name) => `what the middleware ${name} does to a request`),
      ...(state.providers.some((provider) => /file/i.test(provider))
        ? ['files that Traefik refused whole: their routers are not in its API']
        : []),
      'whether somebody reaches the apps without Traefik',
    ],
  }
}

const KNOWN_TYPES = new Set(
  'addprefix basicauth buffering chain circuitbreaker compress contenttype digestauth encodedcharacters errors forwardauth grpcweb headers inflightreq ipallowlist ipwhitelist passtlsclientcert ratelimit redirectregex redirectscheme replacepath replacepathregex retry stripprefix stripprefixregex'.split(
    ' ',
  ),
)
