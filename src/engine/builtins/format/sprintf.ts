import { isArray } from '../../values/value.ts'
import type { Value } from '../../values/value.ts'
import { readText } from '../text/read-text.ts'
import { toArgument } from './argument.ts'
import { formatAll } from './format-all.ts'

/** Source: OPA, v1/topdown/strings.go. @throws RangeError for operands that nest deeper than the stack. */
export function sprintf([format, operands]: readonly Value[]): string | undefined {
  const text = readText(format)
  if (text === undefined || operands === undefined || !isArray(operands)) return undefined
  return formatAll(text, operands.map(toArgument))
}
