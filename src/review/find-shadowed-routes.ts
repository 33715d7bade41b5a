import type { Finding } from './finding.ts'
import { locateInMetadata } from './locate-in-metadata.ts'
import type { ReviewedApp } from './reviewed-app.ts'

type Routed = Pick<ReviewedApp, 'name' | 'annotation' | 'files'>

/**
 * Paths below a wildcard host that another app takes away on some hosts: the most specific host that fits a request is the
 * only one whose paths count. A wildcard for every path is meant to give way, and is no finding.
 */
export function findShadowedRoutes(apps: readonly Routed[]): readonly Finding[] {
  return apps.flatMap((app) => {
    const paths = app.annotation.paths.filter(({ length }) => length > 0)
    const takers = paths.length === 0 ? [] : findTakers(app, apps)
    return takers.flatMap(({ taker, pattern, host }) =>
      paths.map((path) => toFinding(app, { taker, pattern, host, path })),
    )
  })
}

interface Shadow {
  readonly taker: string
  /** The wildcard that gives way. */
  readonly pattern: string
  /** The more specific host. */
  readonly host: string
  readonly path: readonly string[]
}

function findTakers({ name, annotation }: Routed, apps: readonly Routed[]): readonly Omit<Shadow, 'path'>[] {
  return annotation.hosts
    .filter(isWildcard)
    .flatMap((pattern) =>
      apps
        .filter((other) => other.name !== name)
        .flatMap((other) =>
          other.annotation.hosts
            .filter((host) => isBelow(host, pattern) && !annotation.hosts.includes(host))
            .map((host) => ({ taker: other.name, pattern, host })),
        ),
    )
}

function toFinding(app: Routed, { taker, pattern, host, path }: Shadow): Finding {
  const place = `/${path.join('/')}`
  return {
    severity: 'warning',
    rule: 'route-shadowed',
    location: locateInMetadata(app, place),
    message: `${host}${place} is decided by ${taker}, which names the host more exactly than ${pattern} does; add ${host} to the hosts here, or leave the path out`,
  }
}

function isWildcard(host: string): boolean {
  return host.startsWith('*')
}

/** Whether a host pattern is more specific than a wildcard and fits it. */
function isBelow(host: string, pattern: string): boolean {
  if (host === pattern) return false
  return pattern === '*' || host.endsWith(pattern.slice(1))
}
