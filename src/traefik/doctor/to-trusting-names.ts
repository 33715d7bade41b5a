import type { TraefikState } from './traefik-state.ts'

/** The entry points that believe forwarded headers of somebody. */
export function toTrustingNames({ entryPoints = [] }: TraefikState): ReadonlySet<string> {
  const trusting = entryPoints.filter(
    ({ insecure, trustedAddresses }) => insecure || trustedAddresses.length > 0,
  )
  return new Set(trusting.map(({ name }) => name))
}
