import { toContract } from '../to-middlewares.ts'
import { toCanonicalName } from '../to-canonical-name.ts'
import type { Examination, Guard } from './examination.ts'
import type { CheckResult, Finding } from './finding.ts'
import { toTexts } from './parse-traefik-state.ts'

/**
 * Compares what a middleware lists with what the apps behind it can receive. What is missing reaches the app as the client wrote
 * it; what is too much is taken from the client's request.
 */
export function findHeaderFaults(examination: Examination): CheckResult {
  const results = examination.guards.map((guard) => compare(guard, examination))
  return {
    findings: results.flatMap(({ findings }) => findings),
    notVisible: results.flatMap(({ notVisible }) => notVisible),
  }
}

function compare({ middleware, routes }: Guard, { apps: allApps, identityNames }: Examination): CheckResult {
  const apps = [...new Set(routes.flatMap((route) => route.apps))]
  const contract = new Set(toContract(namesOf(apps), identityNames))
  const emitted = new Set(toContract(namesOf(allApps), []))
  const listed = new Set(toTexts(middleware.options['authResponseHeaders']).map(toCanonicalName))
  const pattern = toPattern(middleware.options['authResponseHeadersRegex'])
  const missing = [...contract].filter((name) => !listed.has(name) && pattern.test?.(name) !== true)
  const extra = [...listed].filter((name) => !contract.has(name))
  const unknown = apps.filter(({ emittableNames }) => emittableNames === undefined).map(({ name }) => name)
  const subject = middleware.name
  return {
    findings: [
      ...toMissing(subject, missing),
      ...(unknown.length > 0 || apps.length === 0 ? [] : toExtra(subject, extra, emitted)),
      ...(pattern.source === undefined ? [] : [toPatternFinding(subject, pattern.source)]),
    ],
    notVisible: [
      ...unknown.map((app) => `which headers ${app} can emit: no version of it serves`),
      ...(pattern.source !== undefined && pattern.test === undefined
        ? [`what the authResponseHeadersRegex of ${subject} matches: ${pattern.source}`]
        : []),
    ],
  }
}

function toMissing(subject: string, missing: readonly string[]): readonly Finding[] {
  // A contract is read from the source and may hold a word that is no header: names of headers nearly always have a dash.
  const certain = missing.filter((name) => name.includes('-'))
  const doubtful = missing.filter((name) => !name.includes('-'))
  return [...toMissingFinding(subject, certain, 'error'), ...toMissingFinding(subject, doubtful, 'note')]
}

function toMissingFinding(
  subject: string,
  missing: readonly string[],
  severity: Finding['severity'],
): readonly Finding[] {
  if (missing.length === 0) return []
  const names = missing.join(', ')
  return [
    {
      code: 'HEADER_MISSING',
      severity,
      subject,
      message: `does not list ${names}: the app gets what the client sends by that name, and not what Regate answers`,
      mend: `add ${names} to authResponseHeaders, or take the middleware from \`regate traefik generate\``,
    },
  ]
}

function namesOf(apps: Examination['apps']): readonly string[] {
  return apps.flatMap(({ emittableNames }) => [...(emittableNames ?? [])])
}

/** What other apps emit is there where one middleware serves all. */
function toExtra(
  subject: string,
  extra: readonly string[],
  emitted: ReadonlySet<string>,
): readonly Finding[] {
  const others = extra.filter((name) => emitted.has(name))
  const strangers = extra.filter((name) => !emitted.has(name))
  return [...toExtraFinding(subject, strangers, 'warning'), ...toExtraFinding(subject, others, 'note')]
}

function toExtraFinding(
  subject: string,
  extra: readonly string[],
  severity: Finding['severity'],
): readonly Finding[] {
  if (extra.length === 0) return []
  const who = severity === 'note' ? 'only apps behind other routers can emit' : 'no app can emit'
  return [
    {
      code: 'HEADER_EXTRA',
      severity,
      subject,
      message: `lists ${extra.join(', ')}, which ${who}: Traefik takes it from every request`,
      mend: `remove ${extra.join(', ')} from authResponseHeaders`,
    },
  ]
}

function toPatternFinding(subject: string, source: string): Finding {
  return {
    code: 'HEADER_EXTRA',
    severity: 'warning',
    subject,
    message: `takes every header that matches ${source} from requests, whether an app can emit it or not`,
    mend: 'list the names in authResponseHeaders in place of authResponseHeadersRegex',
  }
}

interface Pattern {
  readonly source?: string
  /** Absent where it cannot be read here: Traefik reads it as Go does. */
  readonly test?: (name: string) => boolean
}

function toPattern(source: unknown): Pattern {
  if (typeof source !== 'string' || source === '') return {}
  try {
    const pattern = new RegExp(source, 'u')
    return { source, test: (name) => pattern.test(name) }
  } catch {
    return { source }
  }
}
