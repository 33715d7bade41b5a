import { readAddress } from './classify-forward-auth.ts'
import { examineTraefik, type ExamineOptions, sort } from './examine-traefik.ts'
import { findStaticDifferences } from './find-static-differences.ts'
import type { CheckResult, Finding } from './finding.ts'
import { parseTraefikState } from './parse-traefik-state.ts'
import { probeAddress } from './probe-address.ts'
import { readTraefikApi } from './read-traefik-api.ts'
import { type CanaryOptions, type CanaryReport, sendCanary } from './send-canary.ts'
import type { EntryPoint, TraefikState } from './traefik-state.ts'

export interface DiagnoseOptions extends Omit<ExamineOptions, 'probes'> {
  readonly api: string
  readonly fetch: typeof globalThis.fetch
  /** What Traefik's static file says. */
  readonly staticEntryPoints?: readonly EntryPoint[]
  readonly canary?: CanaryOptions
}

export interface DoctorReport extends CheckResult {
  readonly version: string
  readonly routers: number
  /** Routers that ask Regate. */
  readonly guarded: number
  readonly canary: readonly Omit<CanaryReport, 'findings'>[]
}

/** More hosts than these are not tried. */
const CANARY_LIMIT = 20

/** Reads a running Traefik, asks its ForwardAuth addresses, and examines it all. Throws `TRAEFIK_UNREACHABLE`. */
export async function diagnose(options: DiagnoseOptions): Promise<DoctorReport> {
  const { api, fetch, staticEntryPoints, canary } = options
  const shown = parseTraefikState(await readTraefikApi(api, fetch))
  const state =
    shown.entryPoints === undefined && staticEntryPoints !== undefined
      ? { ...shown, entryPoints: staticEntryPoints }
      : shown
  const probes = await probeAll(state, fetch)
  const { findings, notVisible, routes } = examineTraefik(state, { ...options, probes })
  const guarded = routes.filter(({ regateAt }) => regateAt !== -1)
  const hosts = [...new Set(guarded.flatMap(({ hosts: named }) => named))]
  const canaries = canary === undefined ? [] : await sendAll(hosts, canary)
  const all: readonly Finding[] = [
    ...findings,
    ...findStaticDifferences(staticEntryPoints ?? [], shown.entryPoints),
    ...canaries.flatMap((report) => report.findings),
  ]
  return {
    version: state.version,
    routers: routes.length,
    guarded: guarded.length,
    findings: sort(all),
    notVisible: [...notVisible, ...toUntried(hosts, canary)],
    canary: canaries.map(({ host, observations }) => ({ host, observations })),
  }
}

async function probeAll({ middlewares }: TraefikState, fetch: typeof globalThis.fetch) {
  const asked = [...middlewares.values()].filter(({ type }) => type === 'forwardauth').map(readAddress)
  const results = [...new Set(asked)].map(
    async (address) => [address, await probeAddress(address, fetch)] as const,
  )
  return new Map(await Promise.all(results))
}

async function sendAll(hosts: readonly string[], options: CanaryOptions): Promise<readonly CanaryReport[]> {
  const reports: CanaryReport[] = []
  for (const host of hosts.slice(0, CANARY_LIMIT)) reports.push(await sendCanary(host, options))
  return reports
}

function toUntried(hosts: readonly string[], canary: CanaryOptions | undefined): readonly string[] {
  if (canary === undefined)
    return ['what really arrives at Regate: name with --canary where clients reach Traefik']
  const left = hosts.slice(CANARY_LIMIT)
  return left.length === 0
    ? []
    : [`what arrives for ${left.length} more hosts: the canary tries ${CANARY_LIMIT}`]
}
