import { type ErrorCode, RegateError } from '../errors.ts'
import { type AppSource, type FoundFile, isModule, isText } from './folder-scan.ts'
import { tooLarge } from './read-source.ts'

export const APP_FILE = 'app.yaml'
export const REQUESTS_NAMES: ReadonlySet<string> = new Set(['requests.yaml', 'requests.yml'])
const MAX_FILES = 500

/**
 * Sorts the files that belong to one name, and finds what is wrong with them as a set: an app in two places, more than one
 * table, or request table, a compiled policy beside another one or beside Rego, an `app.yaml` without one.
 */
export function toAppSource(
  name: string,
  files: readonly FoundFile[],
  problem: RegateError | undefined,
): AppSource {
  const texts = files.filter(isText)
  const source = {
    name,
    files: texts.filter(({ path }) => isRego(path) && !isTest(path)),
    tests: texts.filter(({ path }) => isTest(path)),
    tables: texts.filter(({ path }) => !isRego(path) && !isAppFile(path) && !isRequests(path)),
    compiled: files.filter(isModule),
    appFiles: texts.filter(({ path }) => isAppFile(path)),
    requests: texts.filter(({ path }) => isRequests(path)),
  }
  const found =
    problem ??
    findClash(source) ??
    findTableProblem(source, 'tables', 'DATA_INVALID') ??
    findTableProblem(source, 'requests', 'REQUESTS_INVALID') ??
    findCompiledProblem(source)
  return { ...source, ...(found === undefined ? {} : { problem: found }) }
}

/** The names of files with tests. */
export function isTest(path: string): boolean {
  return path.endsWith('_test.rego')
}

function isRego(path: string): boolean {
  return path.endsWith('.rego')
}

function isAppFile(path: string): boolean {
  return path.endsWith(`/${APP_FILE}`)
}

function isRequests(path: string): boolean {
  return REQUESTS_NAMES.has(path.slice(path.lastIndexOf('/') + 1))
}

function findClash({ name, files, tests }: AppSource): RegateError | undefined {
  if (files.length + tests.length > MAX_FILES) return tooLarge(name, `holds more than ${MAX_FILES} files`)
  const single = files.find(({ path }) => path === `${name}.rego`)
  return single === undefined || files.length === 1
    ? undefined
    : at('APP_NAME_INVALID', single.path, `the folder ${name} is the same app; keep one of the two`)
}

function findTableProblem(
  source: AppSource,
  kind: 'tables' | 'requests',
  code: ErrorCode,
): RegateError | undefined {
  const deep = source[kind].find(isDeep)
  if (deep !== undefined) return at(code, deep.path, `it belongs into the folder ${source.name} itself`)
  const [first, second] = source[kind]
  return second === undefined || first === undefined
    ? undefined
    : at(code, second.path, `the app has ${first.path} too; keep one of the two`)
}

function findCompiledProblem({ name, files, compiled, appFiles }: AppSource): RegateError | undefined {
  const deep = [...compiled, ...appFiles].find(isDeep)
  if (deep !== undefined) return at('MODULE_INVALID', deep.path, `it belongs into the folder ${name} itself`)
  const [[first, second], [source], [appFile]] = [compiled, files, appFiles]
  const other = second ?? source
  if (first !== undefined && other !== undefined)
    return at('MODULE_INVALID', first.path, `${other.path} stands beside it; keep one of the two`)
  if (first !== undefined || source === undefined || appFile === undefined) return undefined
  return at(
    'METADATA_INVALID',
    appFile.path,
    `it is for compiled policies; in Rego, METADATA above "package" says it`,
  )
}

function isDeep({ path }: { readonly path: string }): boolean {
  return path.split('/').length > 2
}

function at(code: ErrorCode, file: string, problem: string): RegateError {
  return new RegateError(code, problem, { location: { file, row: 1, column: 1 } })
}
