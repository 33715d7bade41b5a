import { isObject } from '../../values/value.ts'
import type { Value } from '../../values/value.ts'
import { readText } from '../text/read-text.ts'
import { TemplateError, toDatum } from './datum.ts'
import { parseTemplate } from './parse-template.ts'
import { runTemplate } from './run-template.ts'

/**
 * A template of Go's text/template over an object; what is missing or null is written `<undefined>`. Complex numbers are
 * refused. Source: OPA, v1/topdown/template.go.
 */
export function renderTemplate([template, values]: readonly Value[]): string | undefined {
  const source = readText(template)
  if (source === undefined || values === undefined || !isObject(values)) return undefined
  try {
    return runTemplate(parseTemplate(source), toDatum(values)).replaceAll('<no value>', '<undefined>')
  } catch (error) {
    // Templates and values that nest by thousands are too deep for the stack.
    if (error instanceof TemplateError || error instanceof RangeError) return undefined
    throw error
  }
}
