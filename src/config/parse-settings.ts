import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { z } from 'zod'
import { RegateError } from '../errors.ts'
import { applyEnvironment, toKey } from './apply-environment.ts'
import type { Environment } from './apply-environment.ts'
import { findNearest } from './find-nearest.ts'
import { readYaml } from './read-yaml.ts'
import type { Path, Position, YamlProblem } from './read-yaml.ts'
import { knownKeys } from './schema-tree.ts'

export interface SettingsOptions {
  /** The file, from the working folder; absent: defaults and environment alone. */
  readonly file?: string
  /** Variables that start with `REGATE_` are settings. */
  readonly environment: Environment
  /** The working folder, absolute. */
  readonly folder: string
}

/**
 * Reads file and environment by a schema, which is made for the folder that relative paths of the file start from. Errors:
 * `CONFIG_INVALID` with every problem, one a line: `file:line:column: key: what is wrong; what would be right`, or the name of
 * a variable in place of the file.
 */
export function parseSettings<Schema extends z.ZodType>(
  { file, environment, folder }: SettingsOptions,
  createSchema: (folder: string) => Schema,
): z.output<Schema> {
  const text = readYaml(file === undefined ? '' : readText(file, folder))
  const findings: Finding[] = text.problems.map(({ position, message }) => ({ position, message }))
  if (text.broken) throw toError(findings, file)

  const schema = createSchema(file === undefined ? folder : dirname(resolve(folder, file)))
  const settings = applyEnvironment(text.value ?? {}, { schema, environment, folder })
  findings.push(...settings.problems.map((message) => ({ message })))

  const parsed = schema.safeParse(settings.value)
  const locate = createLocator(text, settings)
  const issues = parsed.error?.issues.flatMap((issue) => toFindings(issue, schema, locate)) ?? []
  findings.push(...issues.filter((issue) => !text.problems.some((problem) => isSamePlace(problem, issue))))
  if (findings.length > 0 || !parsed.success) throw toError(findings, file)
  return parsed.data
}

/** A problem of the file stands at a position; one of the environment names its variable. */
interface Finding {
  readonly position?: Position
  readonly message: string
}

const SIZE_LIMIT = 1024 ** 2

function readText(file: string, folder: string): string {
  try {
    const bytes = readFileSync(resolve(folder, file))
    if (bytes.length > SIZE_LIMIT) throw new RangeError('larger than 1 MiB')
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
    const message = `${file}: cannot be read (${reason}); name a readable YAML file with --config or REGATE_CONFIG`
    throw new RegateError('CONFIG_INVALID', message, { cause })
  }
}

/** What the schema says of a value that YAML could not give is no news. */
function isSamePlace({ position }: YamlProblem, finding: Finding): boolean {
  return position.line === finding.position?.line && position.column === finding.position.column
}

interface Locator {
  readonly ofKey: (path: Path) => Finding
  readonly ofValue: (path: Path) => Finding
}

/** Finds what set a path; for what is missing, what set the nearest thing around it. */
function createLocator(
  text: ReturnType<typeof readYaml>,
  settings: ReturnType<typeof applyEnvironment>,
): Locator {
  function around(path: Path): Finding {
    const position = text.keyAt(path) ?? text.valueAt(path)
    if (position !== undefined) return { position, message: '' }
    const variable = settings.variableBelow(path)
    if (variable !== undefined) return { message: `${variable}: ` }
    return path.length === 0 ? { message: '' } : around(path.slice(0, -1))
  }
  function ofValue(path: Path): Finding {
    const variable = settings.variableOf(path)
    if (variable !== undefined) return { message: `${variable}: ` }
    const position = text.valueAt(path) ?? text.keyAt(path)
    return position === undefined ? around(path) : { position, message: '' }
  }
  return { ofKey: around, ofValue }
}

function toFindings(issue: z.core.$ZodIssue, schema: unknown, locate: Locator): readonly Finding[] {
  const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step))
  if (issue.code !== 'unrecognized_keys') {
    const { message, ...place } = locate.ofValue(path)
    return [{ ...place, message: `${message}${path.length === 0 ? 'file' : toKey(path)}: ${issue.message}` }]
  }
  return issue.keys.map((key) => {
    const { message, ...place } = locate.ofKey([...path, key])
    const nearest = findNearest(key, knownKeys(schema, path))
    const mend = nearest === undefined ? 'remove it' : `write ${nearest}`
    return {
      ...place,
      message: `${message}${toKey([...path, key])}: is no key of this version; ${mend}`,
    }
  })
}

function toError(findings: readonly Finding[], file = 'regate'): RegateError {
  const last = { line: Infinity, column: 0 }
  const sorted = findings.toSorted(({ position: one = last }, { position: other = last }) =>
    one.line === other.line ? one.column - other.column : one.line - other.line,
  )
  const lines = sorted.map(({ position, message }) =>
    position === undefined ? message : `${file}:${position.line}:${position.column}: ${message}`,
  )
  const [first] = sorted
  const location =
    first?.position === undefined
      ? {}
      : { location: { file, row: first.position.line, column: first.position.column } }
  return new RegateError('CONFIG_INVALID', lines.join('\n'), location)
}
