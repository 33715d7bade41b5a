import type { Finding } from './finding.ts'
import { locateInMetadata } from './locate-in-metadata.ts'
import type { ReviewedApp } from './reviewed-app.ts'

/** Paths of an app that another of its paths covers already. */
export function findRedundantPaths(
  app: Pick<ReviewedApp, 'name' | 'annotation' | 'files'>,
): readonly Finding[] {
  const { paths } = app.annotation
  return paths.flatMap((path) => {
    const cover = paths.find((other) => other.length < path.length && isPrefix(other, path))
    if (cover === undefined) return []
    const [place, covering] = [path, cover].map((segments) => `/${segments.join('/')}`)
    return {
      severity: 'warning',
      rule: 'path-redundant',
      location: locateInMetadata(app, place ?? ''),
      message: `${place} is covered by ${covering} already; leave one of the two out`,
    } as const
  })
}

function isPrefix(prefix: readonly string[], path: readonly string[]): boolean {
  return prefix.every((segment, index) => segment === path[index])
}
