import { isRecord } from '../decision/is-record.ts'
import { LEFT_OUT_BUILTINS } from '../engine/left-out-builtins.ts'
import { RegateError } from '../errors.ts'
import { type Problem, toPolicyError } from './policy-problem.ts'
import type { PreparedCompiler } from './prepare-compiler.ts'
import type { StagedApp } from './stage-app.ts'

/**
 * Lets the compiler check the staged sources, strictly and against the schema of `input`. Returns the failure instead of
 * throwing it, because a foreign reference or a wrong package explains the same sources better.
 * @throws COMPILER_TIMEOUT, COMPILER_FAILED, COMPILER_MISSING
 */
export async function checkSources(
  stage: StagedApp,
  compiler: PreparedCompiler,
  signal?: AbortSignal,
): Promise<RegateError | undefined> {
  const words = ['check', '--strict', '--format', 'json', '--max-errors', '100']
  const inputs = ['--schema', compiler.schemaPath, '--capabilities', compiler.capabilitiesPath, '.']
  const { exitCode, stdout, stderr } = await compiler.run([...words, ...inputs], stage.folder, signal)
  if (exitCode === 0) return undefined
  const problems = readProblems(stderr, stage)
  if (problems.length > 0) return toPolicyError('POLICY_COMPILE_FAILED', problems)
  throw new RegateError('COMPILER_FAILED', `opa check failed: ${(stderr || stdout).trim().slice(0, 2000)}`)
}

function readProblems(json: string, stage: StagedApp): Problem[] {
  const byPlace = new Map<string, Problem>()
  for (const entry of readErrors(json)) {
    const problem = toProblem(entry, stage)
    // A parse error is reported twice at its place, the second time in more words.
    if (problem !== undefined) byPlace.set(JSON.stringify(problem.location) + kindOf(entry), problem)
  }
  return [...byPlace.values()]
}

function readErrors(json: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(json)
    return isRecord(value) && Array.isArray(value['errors']) ? value['errors'] : []
  } catch {
    return []
  }
}

function toProblem(entry: unknown, stage: StagedApp): Problem | undefined {
  if (!isRecord(entry) || typeof entry['message'] !== 'string') return undefined
  const place = isRecord(entry['location']) ? entry['location'] : {}
  const location = stage.toLocation(String(place['file']), Number(place['row']), Number(place['col']))
  return { location, message: entry['message'] + choices(entry['details']) + reason(entry['message']) }
}

function kindOf(entry: unknown): string {
  return isRecord(entry) && entry['code'] === 'rego_parse_error' ? 'parse' : JSON.stringify(entry)
}

/** The names that would have been right, as the compiler lists them for a misspelt reference. */
function choices(details: unknown): string {
  const names: unknown = isRecord(details) ? details['oneOf'] : undefined
  return Array.isArray(names) && names.length > 0 ? ` (there are: ${names.join(', ')})` : ''
}

/** Why a builtin that OPA has is none here. */
function reason(message: string): string {
  const [, name = ''] = /^undefined function (\S+)$/u.exec(message) ?? []
  const why = LEFT_OUT_BUILTINS.get(name)
  return why === undefined ? '' : `, which is left out on purpose: ${why}`
}
