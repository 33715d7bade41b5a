import { isRecord } from '../decision/is-record.ts'
import { RegateError } from '../errors.ts'
import type { PreparedCompiler } from './prepare-compiler.ts'
import { isList } from './rego-tree.ts'
import { selectLib } from './select-lib.ts'
import { withStagedApp } from './stage-app.ts'
import type { WantedApp } from './wanted-app.ts'

/**
 * The parts of `input` that the verdict of an app depends on, by the compiler's own analysis: `request.path`,
 * `identity.claims.acr`; `*` where that may be anything. Unlike `App.inputPaths`, what only unused rules of `lib` read is not
 * among them. An app that was compiled elsewhere may read everything.
 * @throws COMPILER_FAILED where the compiler cannot tell; COMPILER_TIMEOUT, COMPILER_MISSING
 */
export async function verdictInputs(
  { name, files, lib, compiled }: Pick<WantedApp, 'name' | 'files' | 'lib' | 'compiled'>,
  compiler: PreparedCompiler,
): Promise<ReadonlySet<string>> {
  if (compiled !== undefined) return new Set(['*'])
  const sources = { name, files, lib: selectLib(files, lib) }
  const output = await withStagedApp(sources, compiler.cacheFolder, ({ folder }) =>
    compiler.run(['deps', '--format', 'json', '--data', '.', 'data.regate.verdict'], folder),
  )
  const paths = output.exitCode === 0 ? readPaths(output.stdout) : undefined
  if (paths === undefined)
    throw new RegateError('COMPILER_FAILED', `opa deps: ${output.stderr.slice(0, 500) || 'no dependencies'}`)
  return paths
}

function readPaths(json: string): ReadonlySet<string> | undefined {
  const document: unknown = JSON.parse(json)
  if (!isRecord(document) || !isList(document['base'])) return undefined
  const paths = document['base'].filter(isList).flatMap((terms) => {
    const [root, ...names] = terms.map((term) => (isRecord(term) ? term['value'] : undefined))
    return root === 'input' ? [names.map(String).join('.') || '*'] : []
  })
  return new Set(paths)
}
