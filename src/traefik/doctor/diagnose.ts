import { readAddress } from './classify-forward-auth.ts'
import { examineTraefik, type ExamineOptions, sort } from './examine-traefik.ts'
import { findStaticDifferences } from './find-static-differences.ts'
import type { CheckResult, Finding } from './finding.ts'
import { parseTraefikState } from './parse-traefik-state.ts'
import { probeAddress } from './probe-address.ts'
import { readTraefikApi } from './read-traefik-api.ts'
import { type CanaryOptions, type CanaryReport, sendCanary } from './send-canary.ts'
import type { CanaryTarget, Route } from './to-routes.ts'
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
  const trials = toTrials(guarded, canary)
  const canaries = canary === undefined ? [] : await sendAll(trials.targets, canary)
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
    notVisible: [...notVisible, ...trials.untried],
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

async function sendAll(
  targets: readonly CanaryTarget[],
  options: CanaryOptions,
): Promise<readonly CanaryReport[]> {
  const reports: CanaryReport[] = []
  for (const target of targets) reports.push(await sendCanary(target, options))
  return reports
}

interface Trials {
  readonly targets: readonly CanaryTarget[]
  /** What no canary shows. */
  readonly untried: readonly string[]
}

/** One target a host, of the routers that the canary can reach. */
function toTrials(guarded: readonly Route[], canary: CanaryOptions | undefined): Trials {
  if (canary === undefined) {
    const untried = ['what really arrives at Regate: name with --canary where clients reach Traefik']
    return { targets: [], untried }
  }
  const within = guarded.filter(({ router }) => router.hasTls === canary.isSecure)
  const all = new Map(within.flatMap(({ targets }) => targets).map((target) => [target.host, target]))
  const targets = [...all.values()].slice(0, CANARY_LIMIT)
  const tried = new Set(targets.map(({ host }) => host))
  const isTried = (route: Route) =>
    within.includes(route) && route.targets.some(({ host }) => tried.has(host))
  const untried = guarded.filter((route) => !isTried(route))
  return {
    targets,
    untried: untried.map(
      ({ router }) => `what arrives at Regate through ${router.name}: no canary went there`,
    ),
  }
}
