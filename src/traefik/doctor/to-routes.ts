import type { Generation } from '../../decision/ports.ts'
import type { GuardedApp } from '../guarded-app.ts'
import { type CompiledRule, compileRule } from './compile-rule.ts'
import type { ForwardAuthKind } from './classify-forward-auth.ts'
import { toTexts } from './parse-traefik-state.ts'
import { toReservedPath } from './reserved-path.ts'
import type { Middleware, Router, TraefikState } from './traefik-state.ts'

/** A router with everything that its requests pass, in order. */
export interface Route {
  readonly router: Router
  readonly entryPoints: readonly string[]
  readonly steps: readonly Middleware[]
  /** The apps whose requests it takes. */
  readonly apps: readonly GuardedApp[]
  /** Where a canary surely goes through it. */
  readonly targets: readonly CanaryTarget[]
  /** Whether it may take requests of apps that nobody can tell from its rule. */
  readonly isOpenRule: boolean
  /** Index of Regate's ForwardAuth among the steps; -1: none. */
  readonly regateAt: number
}

export interface CanaryTarget {
  readonly host: string
  /** A path that the router takes with everything below it. */
  readonly prefix: string
}

export interface RouteOptions {
  readonly apps: readonly GuardedApp[]
  readonly find: Generation['find']
  readonly kindOf: (middleware: Middleware) => ForwardAuthKind | undefined
}

/**
 * Every router that leads somewhere, without Traefik's own (`api@internal`) and without parents, whose children show their
 * chain.
 */
export function toRoutes(state: TraefikState, options: RouteOptions): readonly Route[] {
  const byName = new Map(state.routers.map((router) => [router.name, router]))
  const parents = new Set(state.routers.flatMap((router) => router.parents))
  return state.routers
    .filter(({ name, provider, service, isEnabled }) => {
      const leadsNowhere = parents.has(name) || service === 'noop@internal'
      return isEnabled && provider !== 'internal' && !leadsNowhere
    })
    .flatMap((router) => toLines(router, byName).map((line) => toRoute(line, state, options)))
}

/** From the outermost router to this one: a child of several parents is reached through each. */
function toLines(
  router: Router,
  byName: ReadonlyMap<string, Router>,
  depth = 0,
): readonly (readonly Router[])[] {
  const parents = router.parents.flatMap((name) => byName.get(name) ?? [])
  if (parents.length === 0 || depth > DEPTH_LIMIT) return [[router]]
  return parents.flatMap((parent) => toLines(parent, byName, depth + 1).map((line) => [...line, router]))
}

const DEPTH_LIMIT = 8

function toRoute(line: readonly Router[], state: TraefikState, options: RouteOptions): Route {
  const router = line.at(-1) ?? line[0]
  if (router === undefined) throw new RangeError('a line of routers is never empty')
  const steps = line.flatMap(({ middlewares }) => expand(middlewares, state.middlewares))
  const rules = line.map(({ rule }) => compileRule(rule))
  const { apps, targets } = tryRules(rules, options)
  return {
    router,
    entryPoints: line[0]?.entryPoints ?? [],
    steps,
    apps,
    targets,
    isOpenRule: apps.length === 0 && rules.some(({ isOpen }) => isOpen),
    regateAt: steps.findIndex((step) => options.kindOf(step) === 'regate'),
  }
}

/** Chains are nothing but their parts. */
function expand(
  names: readonly string[],
  middlewares: TraefikState['middlewares'],
  depth = 0,
): readonly Middleware[] {
  return names.flatMap((name) => {
    const middleware = middlewares.get(name)
    if (middleware === undefined) return [{ name, type: '', options: {}, isEnabled: false, errors: [] }]
    if (middleware.type !== 'chain' || depth > DEPTH_LIMIT) return [middleware]
    return expand(toTexts(middleware.options['middlewares']), middlewares, depth + 1)
  })
}

interface Trial {
  readonly apps: readonly GuardedApp[]
  readonly targets: readonly CanaryTarget[]
}

/** Tries the rules with requests that may meet an app. */
function tryRules(rules: readonly CompiledRule[], { apps, find }: RouteOptions): Trial {
  const found = new Set<string>()
  const targets = new Map<string, string>()
  for (const [host, path] of listSamples(rules, apps)) {
    if (rules.some((rule) => rule.matches(host, path) === false)) continue
    const name = find(host, toSegments(path))?.name
    if (name !== undefined) found.add(name)
    const isTaken = rules.every((rule) => rule.matches(host, toReservedPath(path)) === true)
    if (isTaken && !targets.has(host)) targets.set(host, path)
  }
  return {
    apps: apps.filter(({ name }) => found.has(name)),
    targets: [...targets].map(([host, prefix]) => ({ host, prefix })),
  }
}

/** What apps list with what rules name: a rule may name a host below a wildcard, or a path below a prefix. */
function* listSamples(
  rules: readonly CompiledRule[],
  apps: readonly GuardedApp[],
): Generator<readonly [host: string, path: string]> {
  const named = {
    hosts: rules.flatMap((rule) => rule.hosts),
    paths: rules.flatMap((rule) => rule.paths).flatMap(withBelow),
  }
  for (const app of apps) {
    const paths = [...app.paths.flatMap(withBelow), ...named.paths]
    for (const host of [...app.hosts.map(toSample), ...named.hosts])
      for (const path of paths) yield [host, path]
  }
  for (const host of named.hosts) for (const path of ['/', ...named.paths]) yield [host, path]
}

function withBelow(path: string): readonly string[] {
  return [path, `${path.replace(/\/$/, '')}/x`]
}

function toSegments(path: string): readonly string[] {
  return path.split('/').filter((segment) => segment !== '')
}

const PROBE_LABEL = 'regate-doctor'

function toSample(host: string): string {
  return host === '*' ? `${PROBE_LABEL}.invalid` : host.replace(/^\*/, PROBE_LABEL)
}
