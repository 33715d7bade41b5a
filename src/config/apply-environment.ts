import { resolve } from 'node:path'
import { quote } from './parsed.ts'
import type { Path } from './read-yaml.ts'
import { listLeaves } from './schema-tree.ts'
import type { Leaf } from './schema-tree.ts'
import { resolveCommand } from './setting.ts'
import { suggest } from './suggest.ts'

export type Environment = Readonly<Record<string, string | undefined>>

interface EnvironmentSettings {
  /** The settings of the file with those of the environment over them. */
  readonly value: unknown
  readonly problems: readonly string[]
  /** The variable that set this path or something above it. */
  readonly variableOf: (path: Path) => string | undefined
  /** A variable that set something below this path. */
  readonly variableBelow: (path: Path) => string | undefined
}

/**
 * Lays `REGATE_…` variables over what the file says. A variable is named after the path: `REGATE_ADMIN_LISTEN`,
 * `REGATE_AUTHENTICATION_JWT_0_ISSUER`; a list of scalars is written with commas; a relative path is taken from `folder`,
 * the working folder. `REGATE_OPA` is `compiler.path`. A variable of that prefix which names no setting is a problem, and so
 * is an empty one.
 */
export function applyEnvironment(
  value: unknown,
  { schema, environment, folder }: { schema: unknown; environment: Environment; folder: string },
): EnvironmentSettings {
  const leaves = new Map(listLeaves(schema).map((leaf) => [toVariable(leaf.path), leaf]))
  const origins: Origin[] = []
  const problems: string[] = []
  let result = value
  for (const [variable, written] of listVariables(environment)) {
    const { leaf, path } = findSetting(variable, leaves)
    const problem =
      leaf === undefined
        ? `is no setting${suggest(variable, [...leaves.keys()])}; unset it`
        : findObstacle(written, path, { result, origins })
    if (problem === undefined && leaf !== undefined) {
      result = replaceAt(result, path, toSetting(leaf, written, folder))
      origins.push({ path, variable })
    } else problems.push(`${variable}: ${problem}`)
  }
  return {
    value: result,
    problems,
    variableOf: (path) => origins.find((origin) => isWithin(path, origin.path))?.variable,
    variableBelow: (path) => origins.find((origin) => isWithin(origin.path, path))?.variable,
  }
}

interface Origin {
  readonly path: Path
  readonly variable: string
}

function isWithin(path: Path, ancestor: Path): boolean {
  return ancestor.every((step, index) => path[index] === step)
}

/** Why the variable cannot be laid over what is there. */
function findObstacle(
  written: string,
  path: Path,
  { result, origins }: { result: unknown; origins: readonly Origin[] },
): string | undefined {
  if (written === '') return 'is empty; unset it or give it a value'
  const other = origins.find((origin) => toKey(origin.path) === toKey(path))
  if (other !== undefined) return `sets ${toKey(path)}, and so does ${other.variable}; unset one of them`
  let parent = result
  for (const [depth, step] of path.entries()) {
    const key = toKey(path.slice(0, depth))
    if (parent === undefined) return path.slice(depth).some((index) => Number(index) > 0) ? GAP : undefined
    if (typeof step === 'number' ? !Array.isArray(parent) : !isMapping(parent))
      return `sets ${toKey(path)}, but ${key} in the file holds no such key; mend the file`
    if (Array.isArray(parent) && Number(step) > parent.length) return GAP
    parent = Reflect.get(Object(parent), step)
  }
  return undefined
}

const GAP = 'leaves a gap in the list; number its entries from 0'

function isMapping(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** `['jwt', 0, 'issuer']` as people write it: `jwt[0].issuer`. */
export function toKey(path: Path): string {
  const steps = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
  return steps.join('').replace(/^\./, '')
}

/** The name of the variable that sets a path. */
export function toVariable(path: readonly string[]): string {
  const words = path.map((step) => step.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase())
  return ['REGATE', ...words].join('_')
}

/** In the order of list indices, so that each is appended to the one before. */
function listVariables(environment: Environment): readonly (readonly [string, string])[] {
  const collator = new Intl.Collator('en', { numeric: true })
  return Object.entries(environment)
    .filter((entry): entry is [string, string] => entry[1] !== undefined)
    .filter(
      ([name, value]) => name.startsWith('REGATE_') && name !== 'REGATE_CONFIG' && !isService(name, value),
    )
    .toSorted(([one], [other]) => collator.compare(one, other))
}

/** Kubernetes tells every container of the services beside it: a service named `regate` must not stop the start. */
function isService(name: string, value: string): boolean {
  if (/_SERVICE_(?:HOST|PORT(?:_[A-Z0-9_]+)?)$/.test(name)) return true
  if (/_PORT_\d+_(?:TCP|UDP|SCTP)_(?:PROTO|PORT|ADDR)$/.test(name)) return true
  return /_PORT(?:_\d+_(?:TCP|UDP|SCTP))?$/.test(name) && /^(?:tcp|udp|sctp):\/\//.test(value)
}

function findSetting(variable: string, leaves: ReadonlyMap<string, Leaf>) {
  const indices: number[] = []
  const pattern = variable.replaceAll(/_(0|[1-9]\d{0,2})(?=_)/g, (_, digits) => {
    indices.push(Number(digits))
    return '_#'
  })
  const leaf = leaves.get(variable === 'REGATE_OPA' ? 'REGATE_COMPILER_PATH' : pattern)
  const path = leaf?.path.map((step) => (step === '#' ? (indices.shift() ?? 0) : step)) ?? []
  return { leaf, path }
}

function toSetting({ kind, holds }: Leaf, written: string, folder: string): unknown {
  switch (kind) {
    case 'boolean':
      return written === 'true' ? true : written === 'false' ? false : written
    case 'number':
      return /^\d{1,15}$/.test(written) ? Number(written) : written
    case 'list':
      return written.split(',').map((element) => element.trim())
    case 'text':
      if (holds === 'path') return resolve(folder, written)
      return holds === 'command' ? resolveCommand(folder, written) : written
    default:
      throw new TypeError(`no such kind: ${quote(kind satisfies never)}`)
  }
}

/** A copy of `parent` with `value` at `path`. */
function replaceAt(parent: unknown, [step, ...rest]: Path, value: unknown): unknown {
  if (step === undefined) return value
  const child: unknown = Reflect.get(Object(parent), step)
  if (typeof step === 'string') return { ...Object(parent), [step]: replaceAt(child, rest, value) }
  const elements: readonly unknown[] = Array.isArray(parent) ? parent : []
  return [...elements.slice(0, step), replaceAt(child, rest, value), ...elements.slice(step + 1)]
}
