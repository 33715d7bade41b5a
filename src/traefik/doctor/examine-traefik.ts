import type { Generation } from '../../decision/ports.ts'
import type { ClientCertificates } from '../certificate-header.ts'
import { toCanonicalName } from '../to-canonical-name.ts'
import type { GuardedApp } from '../guarded-app.ts'
import { classifyForwardAuth, type ClassifyOptions } from './classify-forward-auth.ts'
import type { Examination } from './examination.ts'
import { findAddressFaults } from './find-address-faults.ts'
import { findAdvisories } from './find-advisories.ts'
import { findCertificateFaults } from './find-certificate-faults.ts'
import { findChainFaults } from './find-chain-faults.ts'
import { findEntryPointFaults } from './find-entry-point-faults.ts'
import { findHeaderFaults } from './find-header-faults.ts'
import { findHiddenSteps } from './find-hidden-steps.ts'
import { findOptionFaults } from './find-option-faults.ts'
import { findTcpRouters } from './find-tcp-routers.ts'
import { findUnguardedRouters } from './find-unguarded-routers.ts'
import { findUnloaded } from './find-unloaded.ts'
import type { CheckResult, Finding } from './finding.ts'
import { type Route, toRoutes } from './to-routes.ts'
import type { TraefikState } from './traefik-state.ts'

export interface ExamineOptions extends ClassifyOptions {
  readonly apps: readonly GuardedApp[]
  readonly find: Generation['find']
  /** The names of the identity headers. */
  readonly identityNames: readonly string[]
  readonly certificates?: ClientCertificates | undefined
}

export interface ExamineResult extends CheckResult {
  readonly routes: readonly Route[]
}

type Check = (examination: Examination) => CheckResult | readonly Finding[]

const CHECKS: readonly Check[] = [
  findUnguardedRouters,
  findUnloaded,
  findAddressFaults,
  findHeaderFaults,
  findOptionFaults,
  findChainFaults,
  findCertificateFaults,
  findEntryPointFaults,
  findAdvisories,
  findTcpRouters,
  findHiddenSteps,
]

/** Everything that is wrong in what a Traefik says of itself, the worst first; pure. */
export function examineTraefik(state: TraefikState, options: ExamineOptions): ExamineResult {
  const kindOf = (middleware: Parameters<typeof classifyForwardAuth>[0]) =>
    classifyForwardAuth(middleware, options)
  const routes = toRoutes(state, { ...options, kindOf })
  const guarded = routes.filter(({ regateAt }) => regateAt !== -1)
  const used = new Set(guarded.flatMap(({ entryPoints }) => entryPoints))
  const examination: Examination = {
    ...options,
    identityNames: options.identityNames.map(toCanonicalName),
    state,
    routes,
    guards: toGuards(guarded, (step) => kindOf(step) === 'regate'),
    entryPoints: state.entryPoints?.filter(({ name }) => used.has(name)) ?? [],
  }
  const results = CHECKS.map((check) => toResult(check(examination)))
  return {
    findings: sort(results.flatMap(({ findings }) => findings)),
    notVisible: results.flatMap(({ notVisible }) => notVisible),
    routes,
  }
}

function toGuards(
  routes: readonly Route[],
  asksRegate: (step: Route['steps'][number]) => boolean,
): Examination['guards'] {
  const middlewares = new Set(routes.flatMap(({ steps }) => steps).filter(asksRegate))
  return [...middlewares].map((middleware) => ({
    middleware,
    routes: routes.filter(({ steps }) => steps.includes(middleware)),
  }))
}

function toResult(result: CheckResult | readonly Finding[]): CheckResult {
  return 'findings' in result ? result : { findings: result, notVisible: [] }
}

const ORDER = ['error', 'warning', 'note']

export function sort(findings: readonly Finding[]): readonly Finding[] {
  return findings.toSorted(
    (one, other) =>
      ORDER.indexOf(one.severity) - ORDER.indexOf(other.severity) ||
      one.code.localeCompare(other.code) ||
      one.subject.localeCompare(other.subject),
  )
}
