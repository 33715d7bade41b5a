import { isRecord } from '../decision/is-record.ts'
import type { PreparedCompiler } from './prepare-compiler.ts'
import type { StagedApp, StagedSource } from './stage-app.ts'

/** A source file as the compiler's own parser reads it. */
export interface ParsedModule {
  readonly source: StagedSource
  /** OPA's AST in JSON, with a `location` at every term. */
  readonly tree: Readonly<Record<string, unknown>>
}

/** Parses the staged sources. A file that does not parse is left out: the check reports it. Errors: see `PreparedCompiler`. */
export async function parseModules(
  stage: StagedApp,
  compiler: PreparedCompiler,
  signal?: AbortSignal,
): Promise<readonly ParsedModule[]> {
  const words = ['parse', '--format', 'json', '--json-include', 'locations,-comments']
  const parsed = stage.sources.map(async (source): Promise<ParsedModule[]> => {
    const { exitCode, stdout } = await compiler.run([...words, source.stagedPath], stage.folder, signal)
    if (exitCode !== 0) return []
    const tree: unknown = JSON.parse(stdout)
    return isRecord(tree) ? [{ source, tree }] : []
  })
  return (await Promise.all(parsed)).flat()
}
