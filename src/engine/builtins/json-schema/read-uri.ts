import { isObject } from '../../values/value.ts'
import type { EvaluationContext } from '../builtin.ts'
import { uriBuiltins } from '../uri.ts'

/** The parts of a URI reference that Go's `url.Parse` takes; the empty text is one. */
export function readUri(text: string): { readonly scheme: string; readonly path: string } | undefined {
  const value = uriBuiltins['uri.parse']?.([text], NO_CONTEXT)
  if (value === undefined || !isObject(value)) return undefined
  const parts = new Map(value.entries)
  return { scheme: toText(parts.get('scheme')), path: toText(parts.get('path')) }
}

const NO_CONTEXT: EvaluationContext = {
  nowNs: () => 0n,
  once: (_key, make) => make(),
  print: () => undefined,
}

function toText(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
