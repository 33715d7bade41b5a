import { isArray } from '../../values/value.ts'
import type { Value } from '../../values/value.ts'
import { readText } from '../text/read-text.ts'
import { type Argument, toArgument } from './argument.ts'
import { formatAll } from './format-all.ts'

/** Undefined too for operands that nest by thousands. Source: OPA, v1/topdown/strings.go. */
export function sprintf([format, operands]: readonly Value[]): string | undefined {
  const text = readText(format)
  if (text === undefined || operands === undefined || !isArray(operands)) return undefined
  const prepared = toArguments(operands)
  return prepared === undefined ? undefined : formatAll(text, prepared)
}

function toArguments(operands: readonly Value[]): Argument[] | undefined {
  try {
    return operands.map(toArgument)
  } catch (error) {
    // Too deep for the stack.
    if (error instanceof RangeError) return undefined
    throw error
  }
}
