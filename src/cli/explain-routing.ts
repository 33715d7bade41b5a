import type { AppStatus } from '../catalog/catalog-status.ts'
import { createRouting } from '../catalog/create-routing.ts'
import type { AccessRequest } from '../decision/access-request.ts'
import type { Candidate, ExplainedRouting } from './explain-document.ts'

type Place = Pick<AccessRequest, 'host' | 'pathSegments'>

interface Claim {
  readonly app: string
  readonly host: string
  readonly path: string
  readonly fits: boolean
}

/** Which apps could have judged a request, and why one of them, or none, does. `chosen` is the service's own answer. */
export function explainRouting(
  apps: readonly AppStatus[],
  place: Place,
  { chosen, isNamed }: { readonly chosen: string | undefined; readonly isNamed: boolean },
): ExplainedRouting {
  const claims = apps.flatMap((app) => toBestClaim(app, place)).toSorted(bySpecificity)
  const first = claims[0]
  const candidates = claims.map((claim): Candidate => {
    const { app, host, path } = claim
    return { app, host, path, why: explain(claim, { chosen, isNamed, first }) }
  })
  return {
    ...(chosen === undefined ? {} : { chosen }),
    candidates,
    hosts: candidates.length > 0 ? [] : [...new Set(apps.flatMap(({ hosts }) => hosts))].toSorted(),
  }
}

/** The most specific of the app's hosts that fits, with its longest path that does, or with the first where none does. */
function toBestClaim({ name, hosts, paths }: AppStatus, { host, pathSegments }: Place): readonly Claim[] {
  const fitting = hosts.filter((pattern) => fitsHost(pattern, host))
  const claims = fitting.flatMap((pattern) =>
    paths.map((path) => ({ app: name, host: pattern, path, fits: fitsPath(path, pathSegments) })),
  )
  return claims.toSorted(bySpecificity).slice(0, 1)
}

function fitsHost(pattern: string, host: string): boolean {
  return createRouting([{ host: pattern, path: [], target: true }])(host, []) === true
}

function fitsPath(path: string, pathSegments: readonly string[]): boolean {
  return (
    createRouting([{ host: '*', path: toSegments(path), target: true }])('any.host', pathSegments) === true
  )
}

/** The host decides, even where its app lists no path that fits. */
function bySpecificity(one: Claim, other: Claim): number {
  return (
    rankOf(other.host) - rankOf(one.host) ||
    Number(other.fits) - Number(one.fits) ||
    toSegments(other.path).length - toSegments(one.path).length
  )
}

function rankOf(host: string): number {
  if (host === '*') return 0
  return host.startsWith('*') ? host.length : 1_000 + host.length
}

interface Circumstances {
  readonly chosen: string | undefined
  readonly isNamed: boolean
  readonly first: Claim | undefined
}

function explain(claim: Claim, { chosen, isNamed, first }: Circumstances): string {
  if (claim.app === chosen) return isNamed ? 'chosen: it was named' : 'chosen'
  if (isNamed) return 'another app was named'
  if (chosen === undefined && claim === first && claim.fits)
    return 'it would judge, but the request was refused before'
  if (first !== undefined && rankOf(claim.host) < rankOf(first.host))
    return `${first.host} is more specific than ${claim.host}`
  if (!claim.fits) return 'it lists no path that fits'
  return `${first?.path ?? '/'} is longer than ${claim.path}`
}

function toSegments(path: string): readonly string[] {
  return path.split('/').filter((segment) => segment !== '')
}
