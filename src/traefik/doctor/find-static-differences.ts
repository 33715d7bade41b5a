import type { Finding } from './finding.ts'
import type { EntryPoint } from './traefik-state.ts'

/** Where Traefik runs with other settings than its file says: it was not restarted, or flags and variables win. */
export function findStaticDifferences(
  written: readonly EntryPoint[],
  running: readonly EntryPoint[] | undefined,
): readonly Finding[] {
  if (running === undefined) return []
  const byName = new Map(running.map((entryPoint) => [entryPoint.name, entryPoint]))
  return written.flatMap((entryPoint): readonly Finding[] => {
    const differing = compare(entryPoint, byName.get(entryPoint.name))
    if (differing.length === 0) return []
    return [
      {
        code: 'STATIC_DIFFERS',
        severity: 'warning',
        subject: entryPoint.name,
        message: `runs otherwise than its file says: ${differing.join(', ')}`,
        mend: 'restart Traefik; if that does not help, its flags or variables say otherwise',
      },
    ]
  })
}

function compare(written: EntryPoint, running: EntryPoint | undefined): readonly string[] {
  if (running === undefined) return ['it is not there']
  const settings: Readonly<Record<string, (entryPoint: EntryPoint) => unknown>> = {
    'forwardedHeaders.insecure': ({ insecure }) => insecure,
    'forwardedHeaders.trustedIPs': ({ trustedAddresses }) => trustedAddresses.toSorted(),
    'forwardedHeaders.connection': ({ connection }) => connection.toSorted(),
    proxyProtocol: ({ proxyProtocol }) => proxyProtocol,
    'http.aliasHeadersStrategy': ({ aliasHeadersStrategy }) => aliasHeadersStrategy,
  }
  return Object.entries(settings).flatMap(([name, read]) =>
    JSON.stringify(read(written)) === JSON.stringify(read(running)) ? [] : [name],
  )
}
