import { type ErrorCode, RegateError } from '../errors.ts'
import { type AppSource, type FoundFile, isModule, isText } from './folder-scan.ts'
import { tooLarge } from './read-source.ts'

export const APP_FILE = 'app.yaml'
const MAX_FILES = 500

/**
 * Sorts the files that belong to one name, and finds what is wrong with them as a set: an app in two places, more than one
 * table, a compiled policy beside another one or beside Rego, an `app.yaml` without one.
 */
export function toAppSource(
  name: string,
  files: readonly FoundFile[],
  problem: RegateError | undefined,
): AppSource {
  const texts = files.filter(isText)
  const source = {
    name,
    files: texts.filter(({ path }) => path.endsWith('.rego')),
    tables: texts.filter(({ path }) => !path.endsWith('.rego') && !isAppFile(path)),
    compiled: files.filter(isModule),
    appFiles: texts.filter(({ path }) => isAppFile(path)),
  }
  const found = problem ?? findClash(source) ?? findTableProblem(source) ?? findCompiledProblem(source)
  return { ...source, ...(found === undefined ? {} : { problem: found }) }
}

function isAppFile(path: string): boolean {
  return path.endsWith(`/${APP_FILE}`)
}

function findClash({ name, files }: AppSource): RegateError | undefined {
  if (files.length > MAX_FILES) return tooLarge(name, `holds more than ${MAX_FILES} files`)
  const single = files.find(({ path }) => path === `${name}.rego`)
  return single === undefined || files.length === 1
    ? undefined
    : at('APP_NAME_INVALID', single.path, `the folder ${name} is the same app; keep one of the two`)
}

function findTableProblem({ name, tables }: AppSource): RegateError | undefined {
  const deep = tables.find(isDeep)
  if (deep !== undefined) return at('DATA_INVALID', deep.path, `tables stand in the folder ${name} itself`)
  const [first, second] = tables
  return second === undefined || first === undefined
    ? undefined
    : at('DATA_INVALID', second.path, `the app has ${first.path} too; keep one of the two`)
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
