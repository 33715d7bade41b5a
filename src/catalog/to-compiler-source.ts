import { findCompiler } from './find-compiler.ts'
import { type PreparedCompiler, prepareCompiler } from './prepare-compiler.ts'

interface CompilerPlaces {
  /** `compiler.path` of the configuration. */
  readonly path?: string | undefined
  /** The value of `PATH`. */
  readonly environmentPath: string
  readonly cacheFolder: string
  /** For each run of the compiler. */
  readonly timeoutMs: number
  readonly memoryBytes: number
}

/** Finds and prepares the compiler when it is called: where every app is compiled already, it never is. */
export function toCompilerSource(places: CompilerPlaces): () => Promise<PreparedCompiler> {
  const { path: configuredPath, environmentPath, cacheFolder, ...limits } = places
  return async () => {
    const compiler = await findCompiler({ configuredPath, environmentPath, cacheFolder })
    return prepareCompiler({ compiler, cacheFolder, ...limits })
  }
}
