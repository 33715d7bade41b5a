import type { App } from '../decision/ports.ts'
import type { CaseExpectation, RequestCase } from '../decision/request-case.ts'
import type { HeaderLine } from '../decision/verdict.ts'
import { createRouting } from './create-routing.ts'
import type { CaseAnswer } from './request-tester.ts'

/** What a case expected and what came instead, in words. */
export interface CaseFailure {
  readonly expected: string
  readonly actual: string
}

interface Judge {
  /** Whose table it is. */
  readonly app: App
  /** Lower-case names of the identity headers. */
  readonly identityNames: ReadonlySet<string>
}

/**
 * Compares what came of a case with what it expects; undefined where it is that. An answer of another app is never it, nor,
 * unless its status is named, a failure (500 and above). Where no app answers, the host must at least be one of this app's.
 */
export function judgeCase(
  { expect }: RequestCase,
  answer: CaseAnswer,
  { app, identityNames }: Judge,
): CaseFailure | undefined {
  const stray = findStray(answer, app)
  if (stray !== undefined) return { expected: describe(expect), actual: stray }
  const { decision, status, headers } = answer
  if (decision.kind === 'denied') {
    const isExpected =
      expect.outcome === 'deny' && (expect.status === undefined ? status < 500 : expect.status === status)
    return isExpected ? undefined : { expected: describe(expect), actual: describeDenial(answer) }
  }
  if (expect.outcome === 'deny') return { expected: describe(expect), actual: describeAllow(headers) }
  const difference = expect.headers && compareHeaders(expect.headers, headers, identityNames)
  return difference === undefined || difference === ''
    ? undefined
    : { expected: describe(expect), actual: `${describeAllow(headers)}: ${difference}` }
}

function findStray({ decision, request }: CaseAnswer, app: App): string | undefined {
  if (decision.app !== undefined && decision.app !== app.name)
    return `the app ${decision.app} answers, which guards this host and path`
  if (decision.kind === 'allowed' || decision.code !== 'APP_UNKNOWN') return undefined
  const owns = createRouting(app.hosts.map((host) => ({ host, path: [], target: true })))
  if (request === undefined || owns(request.host, []) === true) return undefined
  return `no app guards ${request.host}; the hosts of ${app.name} are ${app.hosts.join(', ')}`
}

/** What differs, name by name; empty where nothing does. */
function compareHeaders(
  expected: readonly HeaderLine[],
  actual: readonly HeaderLine[],
  identityNames: ReadonlySet<string>,
): string {
  const sent = new Map(actual.map(([name, value]) => [name.toLowerCase(), value]))
  const wanted = new Set(expected.map(([name]) => name.toLowerCase()))
  const differing = expected.flatMap(([name, value]) => {
    const found = sent.get(name.toLowerCase())
    if (found === undefined) return `${name} is missing`
    return found === value ? [] : `${name} is ${quote(found)} and not ${quote(value)}`
  })
  const unwanted = actual
    .map(([name]) => name)
    .filter((name) => !wanted.has(name.toLowerCase()) && !identityNames.has(name.toLowerCase()))
  return [...differing, ...unwanted.map((name) => `${name} was not expected`)].join('; ')
}

function describe(expect: CaseExpectation): string {
  switch (expect.outcome) {
    case 'allow':
      return expect.headers === undefined ? 'allow' : describeAllow(expect.headers)
    case 'deny':
      return expect.status === undefined ? 'deny' : `deny ${expect.status}`
    default:
      return expect satisfies never
  }
}

function describeAllow(headers: readonly HeaderLine[]): string {
  const lines = headers.map(([name, value]) => `${name}: ${quote(value)}`)
  return `allow ${lines.length === 0 ? 'without headers' : `with ${lines.join(', ')}`}`
}

function describeDenial({ decision, status }: CaseAnswer): string {
  if (decision.kind === 'allowed') return `allow ${status}`
  const { code, detail, reasons, redirect } = decision
  const target = status === 302 && redirect !== undefined ? ` to ${redirect}` : ''
  const why = reasons.length === 0 ? '' : `; deny: ${reasons.map(quote).join(', ')}`
  return `deny ${status}${target}, ${code}: ${detail}${why}`
}

function quote(text: string): string {
  return JSON.stringify(text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text)
}

const SHOWN_LENGTH = 200
