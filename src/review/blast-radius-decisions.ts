import type { OpenedFolder } from '../catalog/open-folder.ts'
import type { PreparedCompiler } from '../catalog/prepare-compiler.ts'
import { verdictInputs } from '../catalog/verdict-inputs.ts'
import type { CaseCaller, CaseRequest } from '../decision/request-case.ts'
import { type Answers, type BlastOptions, createAsk, type Difference, toOutcomes } from './blast-radius.ts'
import { type LoggedDecision, parseLoggedDecision } from './blast-radius-log.ts'
import { isSameOutcome } from './blast-radius-outcome.ts'

/** What came of a recorded decision log. */
export interface ReplayedLog {
  /** Decisions in the log. */
  readonly decisions: number
  /** How many of them both folders have answered. */
  readonly compared: number
  /** Those that differ, each once however often it is in the log. */
  readonly differences: readonly LoggedDifference[]
  /** Why the others could not be asked again → how many. */
  readonly left: Readonly<Record<string, number>>
}

export interface LoggedDifference extends Difference {
  /** How many decisions of the log. */
  readonly count: number
}

type Replayable = Extract<LoggedDecision, { kind: 'replayable' }>

/**
 * Asks both folders the requests of a decision log again, as far as it tells of them. A decision is left, and counted, where its
 * line is not whole, where a policy that answers may ask for something that is not in it, and where the folder before the edit
 * does not come to the status that was logged: another policy decided then.
 */
export async function replayDecisions(
  lines: AsyncIterable<string>,
  options: BlastOptions & { readonly compiler: () => Promise<PreparedCompiler> },
): Promise<ReplayedLog> {
  const ask = createAsk(options)
  const isHostless = [options.before, options.after].map(findHostless)
  const findMissing = createMissingFinder(options)
  const left = new Map<string, number>()
  const differences = new Map<string, LoggedDifference>()
  let decisions = 0
  let compared = 0
  for await (const line of lines) {
    const logged = parseLoggedDecision(line)
    if (logged.kind === 'none') continue
    decisions += 1
    const result = logged.kind === 'left' ? logged.reason : await replay(logged)
    if (typeof result === 'string') left.set(result, (left.get(result) ?? 0) + 1)
    else {
      compared += 1
      count(differences, result)
    }
  }
  return { decisions, compared, differences: [...differences.values()], left: Object.fromEntries(left) }

  async function replay(logged: Replayable): Promise<Difference | string> {
    const { requestCase, app, status } = logged
    const isNamed = app !== undefined && isHostless.some((names) => names.has(app))
    const answers = await ask({ requestCase, ...(isNamed ? { appName: app } : {}) })
    const missing = await findMissing(answers, logged)
    if (missing !== undefined) return `a policy asks for input.${missing}, which is not in the log`
    const { before, after } = toOutcomes(answers)
    if (before.status !== status || before.app !== app) return OTHER_POLICY
    const { request, caller } = requestCase
    return { request, caller, before, after }
  }
}

const OTHER_POLICY = 'the policies before the edit decide otherwise than the log says'

function count(differences: Map<string, LoggedDifference>, found: Difference): void {
  if (isSameOutcome(found.before, found.after)) return
  const { timeMs: _, ...request } = found.request
  const key = JSON.stringify([request, found.caller, found.before, found.after])
  differences.set(key, { ...found, count: (differences.get(key)?.count ?? 0) + 1 })
}

function findHostless({ apps }: OpenedFolder): ReadonlySet<string> {
  const hostless = apps.filter(({ wanted }) => wanted.annotation.hosts.length === 0)
  return new Set(hostless.map(({ wanted }) => wanted.name))
}

/** What the verdict of an app that answers depends on and the line does not tell; undefined where that is nothing. */
type FindMissing = (answers: Answers, logged: Replayable) => Promise<string | undefined>

function createMissingFinder({
  before,
  after,
  compiler,
}: Pick<BlastOptions, 'before' | 'after'> & {
  readonly compiler: () => Promise<PreparedCompiler>
}): FindMissing {
  const sides = [before, after].map((folder) => createInputs(folder, compiler))
  return async (answers, { requestCase: { request, caller }, hasQuery }) => {
    for (const [index, { decision }] of [answers.before, answers.after].entries()) {
      const paths = decision.app === undefined ? [] : ((await sides[index]?.(decision.app)) ?? [])
      const missing = [...paths].find((path) => !isKnown(path, { request, caller, hasQuery }))
      if (missing !== undefined) return missing
    }
    return undefined
  }
}

function createInputs(
  { apps }: OpenedFolder,
  compiler: () => Promise<PreparedCompiler>,
): (app: string) => Promise<ReadonlySet<string>> {
  const known = new Map<string, Promise<ReadonlySet<string>>>()
  return (name) => {
    const found = known.get(name) ?? find(name)
    known.set(name, found)
    return found
  }

  async function find(name: string): Promise<ReadonlySet<string>> {
    const opened = apps.find(({ wanted }) => wanted.name === name)
    if (opened === undefined || 'problem' in opened) return new Set()
    return verdictInputs(opened.wanted, await compiler())
  }
}

interface Line {
  readonly request: CaseRequest
  readonly caller: CaseCaller
  readonly hasQuery: boolean
}

/** Whether a line of the log tells this part of the input. */
function isKnown(path: string, { request, caller, hasQuery }: Line): boolean {
  const [document, field] = path.split('.')
  if (document === 'app') return true
  if (document === 'identity') return caller.kind === 'anonymous' || IDENTITY.has(field ?? '')
  if (document !== 'request') return false
  if (field === 'query') return !hasQuery
  // No request of another method is one.
  if (field === 'preflight') return request.method !== 'OPTIONS'
  return REQUEST.has(field ?? '')
}

const IDENTITY: ReadonlySet<string> = new Set(['subject', 'issuer', 'roles', 'authenticated_by'])
const REQUEST: ReadonlySet<string> = new Set([
  'method',
  'scheme',
  'host',
  'path',
  'path_segments',
  'client_ip',
])
