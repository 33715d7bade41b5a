import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { foldHeaderName } from '../decision/header-alias.ts'
import { isRecord } from '../decision/is-record.ts'
import type { App } from '../decision/ports.ts'
import type { RequestCase } from '../decision/request-case.ts'
import type { EvaluateBeside, Examiner } from '../engine/create-examiner.ts'
import type { PolicyCode } from '../engine/evaluation-message.ts'
import { toJsonText } from '../engine/to-json-text.ts'
import { RegateError } from '../errors.ts'
import { createTrialRouting, type OtherApp } from './create-trial-routing.ts'
import { type CaseFailure, judgeCase } from './judge-case.ts'
import { parseRequests } from './parse-requests.ts'
import { toPolicyError } from './policy-problem.ts'
import type { OpenedCases, RequestTester } from './request-tester.ts'
import type { ScannedFile } from './folder-scan.ts'
import type { WantedApp } from './wanted-app.ts'
import { writeWhole } from './write-whole.ts'

export interface RequestResult {
  readonly case: RequestCase
  /** Absent: what it expects came. */
  readonly failure?: CaseFailure
}

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

/** Changes with the way in which cases are run and judged. */
const FORMAT = 'regate-requests-1'
const CASE_LIMIT_MS = 2_000
const TABLE_LIMIT_MS = 30_000

/**
 * Runs the request table of a version of an app: each case goes through the chain of a request, its policy is evaluated in
 * another process, at most for 2 s, and all of them for 30 s. The same table, policy, routing, callers and settings are run
 * once. No table: no results.
 * @throws REQUESTS_INVALID with every problem of the table, or at the case whose caller nobody knows; POLICY_TOO_SLOW at the
 * case; EXAMINATION_FAILED.
 */
export async function runRequests(
  { name, requests, annotation }: Pick<WantedApp, 'name' | 'requests' | 'annotation'>,
  version: Version,
  tools: RequestTools,
): Promise<readonly RequestResult[]> {
  const { requestTester, cacheFolder } = tools
  if (requests === undefined || requestTester === undefined) return []
  const cases = readCases(requests)
  const opened = requestTester.open(cases)
  const others = withFewerNames(tools.otherApps(name), cases)
  const parts = [requests.path, requests.text, opened.fingerprint, toKeyText(version.app), annotation, others]
  const path = cacheFolder === undefined ? undefined : toPath(cacheFolder, version.policy, parts)
  const known = path === undefined ? undefined : await recall(path, cases.length)
  const failures = known ?? (await run({ cases, opened, others, annotation }, version, tools))
  if (known === undefined && path !== undefined) await keep(path, failures)
  return cases.map((each, index) => {
    const failure = failures[index] ?? undefined
    return { case: each, ...(failure === undefined ? {} : { failure }) }
  })
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

/** `null`: what the case expects came. */
type Failures = readonly (CaseFailure | null)[]

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
): Promise<Failures> {
  const toGeneration = createTrialRouting(app, annotation, others)
  const answers = await examiner.withPolicy(policy, async (evaluate) => {
    const watch = createWatch(evaluate)
    const generationFor = (each: RequestCase) =>
      toGeneration((input) => watch.evaluate(toJsonText(input), each))
    const isNamed = app.hosts.length === 0
    const results = await opened.answer({ generationFor, ...(isNamed ? { appName: app.name } : {}) })
    const failure = watch.failure()
    if (failure !== undefined) throw failure
    return results
  })
  const identityNames = requestTester?.identityNames ?? new Set()
  return cases.map((each, index) => {
    const answer = answers[index]
    if (answer === undefined) throw new RegateError('EXAMINATION_FAILED', `nothing came of ${each.name}`)
    return judgeCase(each, answer, { app, identityNames }) ?? null
  })
}

/** Keeps the first failure that is not the policy's own, which to the chain would be a denial like any other. */
function createWatch(evaluate: EvaluateBeside) {
  const endsAtMs = performance.now() + TABLE_LIMIT_MS
  let failure: RegateError | undefined
  return {
    failure: () => failure,
    evaluate: async (input: string, { name, at, request: { timeMs } }: RequestCase): Promise<unknown> => {
      try {
        if (performance.now() > endsAtMs)
          throw new RegateError(
            'POLICY_TOO_SLOW',
            `the table took longer than ${TABLE_LIMIT_MS} ms, the limit`,
          )
        return await evaluate(input, { limitMs: CASE_LIMIT_MS, ...(timeMs === undefined ? {} : { timeMs }) })
      } catch (cause) {
        if (cause instanceof RegateError && cause.code !== 'EVALUATION_FAILED')
          failure ??= new RegateError(cause.code, `${name}: ${cause.message}`, { cause, location: at })
        throw cause
      }
    },
  }
}

/** What of an app is neither in its module nor in its annotation. */
function toKeyText({ emittableNames, inputPaths }: App): readonly unknown[] {
  return [[...emittableNames].toSorted(), inputPaths === undefined ? null : [...inputPaths].toSorted()]
}

function toPath(cacheFolder: string, { bytes, dataJson }: PolicyCode, parts: readonly unknown[]): string {
  const hash = createHash('sha256').update(FORMAT).update(bytes).update(`\n${dataJson}\n`)
  return join(cacheFolder, 'requests', `${hash.update(JSON.stringify(parts)).digest('hex')}.json`)
}

async function recall(path: string, count: number): Promise<Failures | undefined> {
  try {
    const known: unknown = JSON.parse(await readFile(path, 'utf8'))
    return isFailures(known) && known.length === count ? known : undefined
  } catch {
    return undefined
  }
}

async function keep(path: string, failures: Failures): Promise<void> {
  try {
    await writeWhole(path, JSON.stringify(failures), { lasting: false })
  } catch {
    // They are run again next time.
  }
}

function isFailures(value: unknown): value is Failures {
  if (!Array.isArray(value)) return false
  return value.every(
    (one) =>
      one === null ||
      (isRecord(one) && typeof one['expected'] === 'string' && typeof one['actual'] === 'string'),
  )
}
