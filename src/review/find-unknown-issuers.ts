import type { Finding } from './finding.ts'
import { locateInMetadata } from './locate-in-metadata.ts'
import type { ReviewedApp } from './reviewed-app.ts'

/**
 * Issuers that an app's METADATA accepts and that the configuration does not know: no token of theirs holds. They are compared as
 * exact strings, so one may merely have a slash too many.
 */
export function findUnknownIssuers(
  app: Pick<ReviewedApp, 'name' | 'annotation' | 'files'>,
  known: readonly string[],
): readonly Finding[] {
  const issuers = app.annotation.authentication?.issuers ?? []
  return issuers
    .filter((issuer) => !known.includes(issuer))
    .map((issuer) => ({
      severity: 'warning',
      rule: 'issuer-unknown',
      location: locateInMetadata(app, issuer),
      message: `the configuration knows no issuer ${JSON.stringify(issuer)}, so no token of it holds: ${explain(known)}`,
    }))
}

function explain(known: readonly string[]): string {
  return known.length === 0 ? 'it knows none' : `it knows ${known.join(', ')}`
}
