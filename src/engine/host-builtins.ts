import { formatText } from './format-text.ts'

/** A builtin that the host runs: JSON values in, a JSON value out; `undefined` is Rego's undefined. A throw ends the evaluation. */
export type HostBuiltin = (...operands: readonly unknown[]) => unknown

/**
 * The builtins that the engine provides beside those that the module brings along. Whatever is missing here does not
 * compile: none of these has a meaning other than OPA's, because the answer to a request hangs on it.
 */
export const HOST_BUILTINS: ReadonlyMap<string, HostBuiltin> = new Map([['sprintf', formatText]])
