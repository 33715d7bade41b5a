import { toCanonicalName } from '../to-canonical-name.ts'
import { toContract } from '../to-middlewares.ts'
import { compareVersions } from './compare-versions.ts'
import type { Examination } from './examination.ts'
import type { CheckResult, Finding } from './finding.ts'
import type { EntryPoint } from './traefik-state.ts'

const ALIAS_STRATEGY_SINCE = '3.7.12'
const EVERYBODY = new Set(['0.0.0.0/0', '::/0'])

/** What the entry points of guarded routers let in. */
export function findEntryPointFaults(examination: Examination): CheckResult {
  const { state, entryPoints } = examination
  if (state.entryPoints === undefined) {
    const what = 'forwardedHeaders, proxyProtocol and aliasHeadersStrategy of the entry points'
    return { findings: [], notVisible: [`${what}: name the static file with --traefik-config`] }
  }
  const checks = [findInsecure, findHiddenClient, findKeptAliases, findRemovedByConnection]
  const findings = entryPoints.flatMap((entryPoint) =>
    checks.flatMap((check) => check(entryPoint, examination)),
  )
  return { findings, notVisible: [] }
}

function findInsecure({ name, insecure, trustedAddresses, proxyProtocol }: EntryPoint): readonly Finding[] {
  const everybody = insecure || trustedAddresses.some((address) => EVERYBODY.has(address))
  const setting = everybody ? 'forwardedHeaders' : 'proxyProtocol'
  if (!everybody && proxyProtocol?.insecure !== true) return []
  return [
    {
      code: 'FORWARDED_HEADERS_INSECURE',
      severity: 'error',
      subject: name,
      message: `believes the ${setting === 'forwardedHeaders' ? 'forwarded headers' : 'PROXY protocol'} of everybody: a client writes its own address, scheme and more`,
      mend: `remove ${setting}.insecure, and list in ${setting}.trustedIPs nothing but the balancer in front`,
    },
  ]
}

/** Somebody is in front whom Traefik believes, but what it says of the client never reaches Regate. */
function findHiddenClient(
  { name, insecure, trustedAddresses, proxyProtocol }: EntryPoint,
  { guards }: Examination,
): readonly Finding[] {
  const here = guards.filter(({ routes }) => routes.some(({ entryPoints }) => entryPoints.includes(name)))
  const isPassed = here.every(({ middleware }) => middleware.options['trustForwardHeader'] === true)
  const everybody = insecure || trustedAddresses.some((address) => EVERYBODY.has(address))
  if (everybody || trustedAddresses.length === 0 || proxyProtocol !== undefined || isPassed) return []
  return [
    {
      code: 'CLIENT_ADDRESS_HIDDEN',
      severity: 'warning',
      subject: name,
      message: `trusts ${trustedAddresses.join(', ')}, but Regate is told only the peer of Traefik: client_ip is the balancer, for everybody`,
      mend: 'let the balancer speak the PROXY protocol, and list it in proxyProtocol.trustedIPs in place of forwardedHeaders.trustedIPs',
    },
  ]
}

function findKeptAliases(
  { name, aliasHeadersStrategy = 'keep' }: EntryPoint,
  { state: { version } }: Examination,
): readonly Finding[] {
  if (aliasHeadersStrategy === 'delete' || aliasHeadersStrategy === 'reject') return []
  const isOld = (compareVersions(version, ALIAS_STRATEGY_SINCE) ?? 0) < 0
  return [
    {
      code: 'ALIAS_HEADERS_KEPT',
      severity: 'warning',
      subject: name,
      message:
        'lets X_User_Roles and X.User.Roles through, which apps may read as X-User-Roles; Regate refuses those that it sees',
      mend: isOld
        ? `update to ${ALIAS_STRATEGY_SINCE} or newer, then write http.aliasHeadersStrategy: delete`
        : 'write http.aliasHeadersStrategy: delete',
    },
  ]
}

/** A header that a client may name in `Connection` is removed on the way to the app, after Regate has set it. */
function findRemovedByConnection(
  { name, connection }: EntryPoint,
  { apps, identityNames }: Examination,
): readonly Finding[] {
  const contract = new Set(
    toContract(
      apps.flatMap(({ emittableNames }) => [...(emittableNames ?? [])]),
      identityNames,
    ),
  )
  const removed = connection.map(toCanonicalName).filter((header) => contract.has(header))
  if (removed.length === 0) return []
  return [
    {
      code: 'IDENTITY_REMOVED',
      severity: 'error',
      subject: name,
      message: `lets a client remove ${removed.join(', ')} by naming it in Connection: the app gets none`,
      mend: `remove ${removed.join(', ')} from forwardedHeaders.connection`,
    },
  ]
}
