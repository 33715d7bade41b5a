import { isRecord } from '../decision/is-record.ts'
import type { PreparedCompiler } from './prepare-compiler.ts'

/** OPA's AST of a module in JSON, with a `location` at every term. */
export type ModuleTree = Readonly<Record<string, unknown>>

/** Parses a file that lies in a folder and whose text is known. undefined where it does not parse. Errors: see `runCompiler`. */
export type ParseSource = (file: FileToParse, run: PreparedCompiler['run']) => Promise<ModuleTree | undefined>

export interface FileToParse {
  readonly folder: string
  readonly stagedPath: string
  readonly text: string
  readonly signal?: AbortSignal | undefined
}

/** Characters of JSON; the trees take some times as many bytes. */
const KEPT_CHARACTERS = 8 * 1024 * 1024

interface Kept {
  readonly tree: ModuleTree
  readonly size: number
}

/**
 * Makes a parser that remembers what the compiler said of a text, because most files of an app, and all of `lib`, are the
 * same from one edit to the next. What was used longest ago is forgotten first. A text that does not parse is not remembered.
 */
export function createParser(): ParseSource {
  const kept = new Map<string, Kept>()
  let size = 0

  function keep(text: string, entry: Kept): void {
    forget(text)
    if (entry.size > KEPT_CHARACTERS) return
    kept.set(text, entry)
    size += entry.size
    for (const oldest of kept.keys()) {
      if (size <= KEPT_CHARACTERS) return
      forget(oldest)
    }
  }

  function forget(text: string): void {
    size -= kept.get(text)?.size ?? 0
    kept.delete(text)
  }

  return async ({ folder, stagedPath, text, signal }, run) => {
    const known = kept.get(text)
    if (known !== undefined) {
      keep(text, known)
      return known.tree
    }
    const { exitCode, stdout } = await run([...WORDS, stagedPath], folder, signal)
    if (exitCode !== 0) return undefined
    const tree: unknown = JSON.parse(stdout)
    if (!isRecord(tree)) return undefined
    keep(text, { tree, size: stdout.length })
    return tree
  }
}

const WORDS = ['parse', '--format', 'json', '--json-include', 'locations,-comments']
