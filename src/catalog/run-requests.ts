import { foldHeaderName } from '../decision/header-alias.ts'
import type { App } from '../decision/ports.ts'
import type { RequestCase } from '../decision/request-case.ts'
import type { EvaluateBeside, Examiner } from '../engine/create-examiner.ts'
import type { PolicyCode } from '../engine/evaluation-message.ts'
import { toJsonText } from '../engine/to-json-text.ts'
import { RegateError } from '../errors.ts'
import { createTrialRouting, type OtherApp } from './create-trial-routing.ts'
import type { ScannedFile } from './folder-scan.ts'
import { type CaseFailure, judgeCase } from './judge-case.ts'
import { parseRequests } from './parse-requests.ts'
import { toPolicyError } from './policy-problem.ts'
import { refuseDisagreement } from './refuse-disagreement.ts'
import { type Failures, rememberFailures } from './remember-failures.ts'
import type { OpenedCases, RequestTester } from './request-tester.ts'
import type { TestResult } from './test-result.ts'
import type { WantedApp } from './wanted-app.ts'

export interface RequestTools {
  /** Absent: request tables are not run. */
  readonly requestTester: RequestTester | undefined
  readonly examiner: Examiner
  /** Where results are remembered, so that what did not change is not run again. */
  readonly cacheFolder: string | undefined
  /** All apps of the folder but the named one. */
  readonly otherApps: (name: string) => readonly OtherApp[]
}

interface Version {
  readonly policy: PolicyCode
  /** As it will serve; how it is evaluated there does not matter here. */
  readonly app: App
}

const CASE_LIMIT_MS = 2_000
const TABLE_LIMIT_MS = 30_000
/** Inputs of a table on which OPA's SDK is asked too. */
const MOST_COMPARED = 100

/**
 * Runs the request table of a version of an app: each case goes through the chain of a request, its policy is evaluated in
 * another process, at most for 2 s, and all of them for 30 s. The same table, policy, routing, callers and settings are run
 * once. No table: no results. A case that fails says where, in `failedAt`.
 * @throws REQUESTS_INVALID with every problem of the table, or at the case whose caller nobody knows; POLICY_TOO_SLOW at the
 * case; SECOND_OPINION_DIFFERS; EXAMINATION_FAILED.
 */
export async function runRequests(
  { name, requests, annotation }: Pick<WantedApp, 'name' | 'requests' | 'annotation'>,
  version: Version,
  tools: RequestTools,
): Promise<readonly TestResult[]> {
  const { requestTester, cacheFolder } = tools
  if (requests === undefined || requestTester === undefined) return []
  const cases = readCases(requests)
  const opened = requestTester.open(cases)
  const others = withFewerNames(tools.otherApps(name), cases)
  const parts = [requests.path, requests.text, opened.fingerprint, toKeyText(version.app), annotation, others]
  const memory = rememberFailures(cacheFolder, version.policy, parts)
  const known = await memory.recall(cases.length)
  if (known !== undefined) return toResults(cases, known)
  const { failures, durations } = await run({ cases, opened, others, annotation }, version, tools)
  await memory.keep(failures)
  return toResults(cases, failures, durations)
}

function toResults(
  cases: readonly RequestCase[],
  failures: Failures,
  durations?: ReadonlyMap<RequestCase, number>,
): readonly TestResult[] {
  return cases.map((each, index) => {
    const shared = {
      kind: 'request',
      name: each.name,
      file: each.at.file,
      row: each.at.row,
      durationMs: durations?.get(each) ?? 0,
    } as const
    const failure = failures[index] ?? undefined
    if (failure === undefined) return { ...shared, outcome: 'passed' }
    return { ...shared, outcome: 'failed', message: toMessage(failure), failedAt: each.at }
  })
}

function toMessage({ expected, actual }: CaseFailure): string {
  return `expected ${expected}, but got ${actual}`
}

function readCases(file: ScannedFile): readonly RequestCase[] {
  const parsed = parseRequests(file)
  if ('cases' in parsed) return parsed.cases
  const start = { file: file.path, row: 1, column: 1 }
  const problems = parsed.problems.map(({ message, location = start }) => ({ message, location }))
  throw toPolicyError('REQUESTS_INVALID', problems)
}

/** Of what others emit only those names matter that a header of some case can be taken for. */
function withFewerNames(others: readonly OtherApp[], cases: readonly RequestCase[]): readonly OtherApp[] {
  const sent = new Set(cases.flatMap(({ request }) => Object.keys(request.headers).map(foldHeaderName)))
  const isSent = (name: string): boolean => sent.has(foldHeaderName(name))
  return others
    .map((other) => ({ ...other, emittable: [...new Set(other.emittable)].filter(isSent).toSorted() }))
    .toSorted((left, right) => (left.name < right.name ? -1 : 1))
}

interface Table {
  readonly cases: readonly RequestCase[]
  readonly opened: OpenedCases
  readonly others: readonly OtherApp[]
  readonly annotation: WantedApp['annotation']
}

async function run(
  { cases, opened, others, annotation }: Table,
  { policy, app }: Version,
  { examiner, requestTester }: RequestTools,
): Promise<{ readonly failures: Failures; readonly durations: ReadonlyMap<RequestCase, number> }> {
  const toGeneration = createTrialRouting(app, annotation, others)
  const isNamed = app.hosts.length === 0
  const { answers, durations, inputs } = await examiner.withPolicy(policy, async (evaluate) => {
    const watch = createWatch(evaluate)
    const generationFor = (each: RequestCase) =>
      toGeneration((input) => watch.evaluate(toJsonText(input), each))
    const results = await opened.answer({ generationFor, ...(isNamed ? { appName: app.name } : {}) })
    const failure = watch.failure()
    if (failure !== undefined) throw failure
    return { answers: results, durations: watch.durations, inputs: watch.inputs }
  })
  const compared = [...inputs].slice(0, MOST_COMPARED)
  refuseDisagreement(await examiner.examine(policy, compared), compared)
  const identityNames = requestTester?.identityNames ?? new Set()
  const failures = cases.map((each, index) => {
    const answer = answers[index]
    if (answer === undefined) throw new RegateError('EXAMINATION_FAILED', `nothing came of ${each.name}`)
    return judgeCase(each, answer, { app, identityNames }) ?? null
  })
  return { failures, durations }
}

/** Keeps the first failure that is not the policy's own, which to the chain would be a denial like any other. */
function createWatch(evaluate: EvaluateBeside) {
  const endsAtMs = performance.now() + TABLE_LIMIT_MS
  const durations = new Map<RequestCase, number>()
  const inputs = new Set<string>()
  let failure: RegateError | undefined
  let answeredAtMs = 0

  async function evaluateCase(input: string, requestCase: RequestCase): Promise<unknown> {
    const { timeMs } = requestCase.request
    const askedAtMs = performance.now()
    inputs.add(input)
    if (askedAtMs > endsAtMs)
      throw new RegateError('POLICY_TOO_SLOW', `the table took longer than ${TABLE_LIMIT_MS} ms, the limit`)
    try {
      return await evaluate(input, { limitMs: CASE_LIMIT_MS, ...(timeMs === undefined ? {} : { timeMs }) })
    } finally {
      // One waits for the other.
      const beganAtMs = Math.max(askedAtMs, answeredAtMs)
      answeredAtMs = performance.now()
      durations.set(requestCase, answeredAtMs - beganAtMs)
    }
  }

  return {
    durations,
    inputs,
    failure: () => failure,
    evaluate: async (input: string, requestCase: RequestCase): Promise<unknown> => {
      try {
        return await evaluateCase(input, requestCase)
      } catch (cause) {
        const { name, at: location } = requestCase
        if (cause instanceof RegateError && cause.code !== 'EVALUATION_FAILED')
          failure ??= new RegateError(cause.code, `${name}: ${cause.message}`, { cause, location })
        throw cause
      }
    },
  }
}

/** What of an app is neither in its module nor in its annotation. */
function toKeyText({ emittableNames, inputPaths }: App): readonly unknown[] {
  return [[...emittableNames].toSorted(), inputPaths === undefined ? null : [...inputPaths].toSorted()]
}
