import { isObject } from '../../values/value.ts'
import type { Value } from '../../values/value.ts'
import { readText } from '../text/read-text.ts'
import { TemplateError, toDatum } from './datum.ts'
import { parseTemplate } from './parse-template.ts'
import { runTemplate } from './run-template.ts'

/**
 * A template of Go's text/template over an object; what is missing or null is written `<undefined>`. Complex numbers are
 * refused. Source: OPA, v1/topdown/template.go.
 * @throws RangeError where templates or values nest deeper than the stack; what `runTemplate` throws
 */
export function renderTemplate([template, values]: readonly Value[]): string | undefined {
  const source = readText(template)
  if (source === undefined || values === undefined || !isObject(values)) return undefined
  try {
    return runTemplate(parseTemplate(source), toDatum(values)).replaceAll('<no value>', '<undefined>')
  } catch (error) {
    if (error instanceof TemplateError) return undefined
    throw error
  }
}
