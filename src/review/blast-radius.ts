import { createReplay } from '../catalog/create-replay.ts'
import type { OpenedFolder } from '../catalog/open-folder.ts'
import type { CaseAnswer, RequestTester } from '../catalog/request-tester.ts'
import type { CaseCaller, CaseRequest } from '../decision/request-case.ts'
import { RegateError, type SourceLocation } from '../errors.ts'
import { type AppChange, findChangedApps } from './blast-radius-apps.ts'
import { collectCases, type ReplayedCase } from './blast-radius-cases.ts'
import { isSameOutcome, type Outcome, toOutcome } from './blast-radius-outcome.ts'

/** What an edit changes: apps, and what would be decided. */
export interface BlastRadius {
  readonly apps: readonly AppChange[]
  /** Of the request tables of both folders. */
  readonly requests: Replayed
}

export interface Replayed {
  /** How many requests both folders have answered. */
  readonly compared: number
  readonly differences: readonly Difference[]
  /** What could not be asked, and why. */
  readonly left: readonly string[]
}

export interface Difference {
  readonly request: CaseRequest
  readonly caller: CaseCaller
  /** What its table calls it, and where; absent for a request of the decision log. */
  readonly name?: string
  readonly at?: SourceLocation
  readonly before: Outcome
  readonly after: Outcome
}

export interface BlastOptions {
  readonly before: OpenedFolder
  readonly after: OpenedFolder
  readonly requestTester: RequestTester
  /** What policies are told where a case names no time, in milliseconds since the epoch: both sides the same. */
  readonly nowMs: number
}

/** Compares two folders: which apps differ, and which requests of their tables would be decided otherwise. Neither is served. */
export async function findBlastRadius(options: BlastOptions): Promise<BlastRadius> {
  const { before, after } = options
  return { apps: findChangedApps(before, after), requests: await replayTables(options) }
}

async function replayTables(options: BlastOptions): Promise<Replayed> {
  const { cases, problems } = collectCases(options.before, options.after)
  const ask = createAsk(options)
  const left: string[] = [...problems]
  const differences: Difference[] = []
  for (const each of cases) {
    const answers = await tryAsk(ask, each, left)
    if (answers === undefined) continue
    const { before, after } = toOutcomes(answers)
    const { name, at, request, caller } = each.requestCase
    if (!isSameOutcome(before, after)) differences.push({ request, caller, name, at, before, after })
  }
  return { compared: cases.length - (left.length - problems.length), differences, left }
}

export interface Answers {
  readonly before: CaseAnswer
  readonly after: CaseAnswer
}

export function toOutcomes({ before, after }: Answers): Pick<Difference, 'before' | 'after'> {
  return { before: toOutcome(before), after: toOutcome(after) }
}

/** Sends one request through the whole chain on both sides. Throws REQUESTS_INVALID where nobody knows its caller. */
export type Ask = (asked: ReplayedCase) => Promise<Answers>

export function createAsk({ before, after, requestTester, nowMs }: BlastOptions): Ask {
  const sides = [createReplay(before), createReplay(after)] as const
  return async ({ requestCase, appName }) => {
    const opened = requestTester.open([requestCase])
    const at = requestCase.request.timeMs ?? nowMs
    const [old, now] = await Promise.all(
      sides.map(async (generationAt) => {
        const [answer] = await opened.answer({
          generationFor: () => generationAt(at),
          ...(appName === undefined ? {} : { appName }),
        })
        return answer
      }),
    )
    if (old === undefined || now === undefined) throw new Error('a request was not answered')
    return { before: old, after: now }
  }
}

async function tryAsk(ask: Ask, each: ReplayedCase, left: string[]): Promise<Answers | undefined> {
  try {
    return await ask(each)
  } catch (error) {
    if (!(error instanceof RegateError)) throw error
    const { file, row, column } = each.requestCase.at
    left.push(`${file}:${row}:${column}: ${error.message}`)
    return undefined
  }
}
