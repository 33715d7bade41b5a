import { tmpdir } from 'node:os'
import { PROVIDED_BUILTINS } from '../engine/provided-builtins.ts'
import { RegateError } from '../errors.ts'
import type { PreparedCompiler } from './prepare-compiler.ts'

/**
 * The capabilities file for a compiler: its own builtins and features, less every builtin that the engine does not provide,
 * so that a call of a missing one is a compile error. The network is closed to the compiler too (`allow_net`: no remote
 * reference in a schema).
 * Source: OPA documentation, Capabilities.
 * @throws COMPILER_FAILED when the compiler does not describe itself, or as its run does.
 */
export async function makeCapabilities(run: PreparedCompiler['run']): Promise<string> {
  const { stdout } = await run(['capabilities', '--current'], tmpdir())
  const { builtins, ...rest } = parseCapabilities(stdout)
  const provided = builtins.filter((builtin) => PROVIDED_BUILTINS.has(nameOf(builtin)))
  return JSON.stringify({ ...rest, builtins: provided, allow_net: [] }, withoutTexts)
}

/** A third of the file explains the builtins, which every run would read. */
function withoutTexts(name: string, value: unknown): unknown {
  return name === 'description' || name === 'categories' ? undefined : value
}

function parseCapabilities(text: string): { readonly builtins: readonly unknown[] } {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && 'builtins' in value && Array.isArray(value.builtins)) {
      return { ...value, builtins: value.builtins }
    }
  } catch (cause) {
    throw notDescribed(cause)
  }
  throw notDescribed()
}

function nameOf(builtin: unknown): string {
  return typeof builtin === 'object' && builtin !== null && 'name' in builtin ? String(builtin.name) : ''
}

function notDescribed(cause?: unknown): RegateError {
  return new RegateError(
    'COMPILER_FAILED',
    'The compiler does not answer `opa capabilities --current` with JSON.',
    { cause },
  )
}
