import type { ModuleTree } from './create-parser.ts'
import type { PreparedCompiler } from './prepare-compiler.ts'
import type { StagedApp, StagedSource } from './stage-app.ts'

/** A source file as the compiler's own parser reads it. */
export interface ParsedModule {
  readonly source: StagedSource
  readonly tree: ModuleTree
}

/** Parses the staged sources. A file that does not parse is left out: the check reports it. Errors: see `PreparedCompiler`. */
export async function parseModules(
  { sources, folder }: StagedApp,
  { parse, run }: PreparedCompiler,
  signal?: AbortSignal,
): Promise<readonly ParsedModule[]> {
  const parsed = sources.map(async (source): Promise<ParsedModule[]> => {
    const { stagedPath, text } = source
    const tree = await parse({ folder, stagedPath, text, signal }, run)
    return tree === undefined ? [] : [{ source, tree }]
  })
  return (await Promise.all(parsed)).flat()
}
