import { CERTIFICATE_HEADER } from '../certificate-header.ts'
import { toCanonicalName } from '../to-canonical-name.ts'
import { toContract } from '../to-middlewares.ts'
import { emptiesHeader } from './empties-header.ts'
import type { Examination } from './examination.ts'
import type { Finding } from './finding.ts'
import { isRecord } from '../../decision/is-record.ts'
import { toTexts } from './parse-traefik-state.ts'
import type { Route } from './to-routes.ts'
import type { Middleware } from './traefik-state.ts'

const REWRITES = new Set(['addprefix', 'stripprefix', 'stripprefixregex', 'replacepath', 'replacepathregex'])
/** What Regate decides by, besides the path. */
const JUDGED = /^(?:Authorization|Cookie|Host|X-Forwarded-.*)$/

/** Middlewares that stand in the wrong place of a router's chain. */
export function findChainFaults({ routes, identityNames }: Examination): readonly Finding[] {
  return routes
    .filter(({ regateAt }) => regateAt !== -1)
    .flatMap((route) => [
      ...findRewrites(route),
      ...findErrorPages(route),
      ...findRemovals(route, identityNames),
      ...findSecondAuth(route),
    ])
}

function findRewrites({ router, steps, regateAt }: Route): readonly Finding[] {
  return steps.slice(0, regateAt).flatMap((step): readonly Finding[] => {
    const altered = changedHeaders(step).filter((name) => JUDGED.test(name) && !clears(step, name))
    if (!REWRITES.has(step.type) && altered.length === 0) return []
    const what = altered.length === 0 ? 'the path' : altered.join(', ')
    return [
      {
        code: 'REWRITTEN_FIRST',
        severity: 'error',
        subject: router.name,
        message: `${step.name} changes ${what} before Regate is asked: the policy decides about something that nobody sent`,
        mend: `put ${step.name} after the middleware of Regate`,
      },
    ]
  })
}

/** What Traefik says of certificates is better emptied first, so that no client has written it. */
function clears(step: Middleware, name: string): boolean {
  return name.startsWith(CERTIFICATE_HEADER) && emptiesHeader(step, name)
}

function findErrorPages({ router, steps, regateAt }: Route): readonly Finding[] {
  const outer = steps.slice(0, regateAt).filter(replacesDenials)
  return outer.map(({ name }) => ({
    code: 'ERRORS_OUTSIDE',
    severity: 'warning',
    subject: router.name,
    message: `${name} replaces the 401 of Regate by a page without WWW-Authenticate: clients never learn how to sign in`,
    mend: `put ${name} after the middleware of Regate, or take 401 from its status`,
  }))
}

/** `status` holds codes and ranges such as `400-499`. */
function replacesDenials({ type, options }: Middleware): boolean {
  if (type !== 'errors') return false
  return toTexts(options['status']).some((range) => {
    const [first = '', last = first] = range.split('-')
    return Number(first) <= 401 && 401 <= Number(last)
  })
}

function findRemovals(
  { router, steps, regateAt, apps }: Route,
  identityNames: readonly string[],
): readonly Finding[] {
  const emittable = apps.flatMap(({ emittableNames }) => [...(emittableNames ?? [])])
  const contract = new Set(toContract(emittable, identityNames))
  return steps.slice(regateAt + 1).flatMap((step): readonly Finding[] => {
    const changed = changedHeaders(step).filter((name) => contract.has(name))
    if (changed.length === 0) return []
    return [
      {
        code: 'IDENTITY_REMOVED',
        severity: 'error',
        subject: router.name,
        message: `${step.name} removes or replaces ${changed.join(', ')} after Regate has set it: the app sees another caller`,
        mend: `remove ${changed.join(', ')} from ${step.name}`,
      },
    ]
  })
}

function findSecondAuth({ router, steps }: Route): readonly Finding[] {
  const names = steps.filter(({ type }) => type === 'forwardauth').map(({ name }) => name)
  if (names.length < 2) return []
  return [
    {
      code: 'FORWARD_AUTH_TWICE',
      severity: 'warning',
      subject: router.name,
      message: `asks ${names.join(', then ')}: what the first one answers looks forged to the second, and reaches the app where that does not list it`,
      mend: 'leave one of them',
    },
  ]
}

/** In canonical form. */
function changedHeaders({ type, options: { customRequestHeaders: headers } }: Middleware): readonly string[] {
  return type === 'headers' && isRecord(headers) ? Object.keys(headers).map(toCanonicalName) : []
}
