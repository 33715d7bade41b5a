import { pastLimit } from '../past-limit.ts'
import { type Document, isDocumentObject, isList, isNumeric, comparable } from './document.ts'
import { isFormat } from './is-format.ts'
import {
  addMismatch,
  createResult,
  isValid,
  mergeResult,
  type Mismatch,
  type Result,
  showPlace,
  type Target,
} from './result.ts'
import type { Schema } from './schema.ts'
import { validateList } from './validate-list.ts'
import { isInteger, validateNumber } from './validate-number.ts'
import { validateObject } from './validate-object.ts'

/**
 * What of a document does not fit a schema, in gojsonschema's order and words; where Go walks keys in random order, in the
 * order of the keys. Source: gojsonschema, validation.go.
 * @throws EVALUATION_FAILED for a number that is too long, and past 10,000 mismatches or a million checks of parts
 * (alternatives of alternatives multiply them)
 */
export function validateDocument(schema: Schema, document: Document): readonly Mismatch[] {
  let left = MAX_CHECKS
  const check: Target['check'] = (part, value, place) => {
    left -= 1
    const result = createResult()
    if (left < 0) throw pastLimit('json.match_schema', 'too many checks')
    validate(part, value, { result, place, check })
    return result
  }
  return check(schema, document, []).mismatches
}

function validate(schema: Schema, document: Document, target: Target): void {
  const { result, place } = target
  if (result.mismatches.length > MAX_MISMATCHES) throw pastLimit('json.match_schema', 'too many mismatches')
  if (schema.pass !== undefined) {
    if (!schema.pass) addMismatch(result, place, ['false', 'False always fails validation'])
    return
  }
  if (schema.reference !== undefined) {
    validate(schema.reference, document, target)
    return
  }
  const given = typeOf(document)
  const isFit =
    schema.types.length === 0 ||
    schema.types.includes(given) ||
    (given === 'integer' && schema.types.includes('number'))
  if (!isFit) {
    const expected = schema.types.length > 1 ? `[${schema.types.join(',')}]` : (schema.types[0] ?? '')
    addMismatch(result, place, ['invalid_type', `Invalid type. Expected: ${expected}, given: ${given}`])
    return
  }
  validateCombinations(schema, document, target)
  validateByType(schema, document, target)
  result.score += 1
}

const MAX_MISMATCHES = 10_000
const MAX_CHECKS = 1_000_000

function typeOf(document: Document): string {
  if (document === null) return 'null'
  if (isNumeric(document)) return isInteger(document.text) ? 'integer' : 'number'
  if (isList(document)) return 'array'
  return isDocumentObject(document) ? 'object' : typeof document
}

function validateByType(schema: Schema, document: Document, target: Target): void {
  if (isList(document)) validateList(schema, document, target)
  else if (isDocumentObject(document)) validateObject(schema, document, target)
  else if (isNumeric(document)) validateNumber(schema, document.text, target)
  validateCommon(schema, document, target)
  if (typeof document === 'string') validateText(schema, document, target)
  if (!isDocumentObject(document)) return
  for (const [key, property] of schema.properties) {
    const value = document.get(key)
    if (value !== undefined) validate(property, value, { ...target, place: [...target.place, key] })
  }
}

function validateCommon(schema: Schema, document: Document, { result, place }: Target): void {
  if (schema.const !== undefined && schema.const !== comparable(document)) {
    addMismatch(result, place, ['const', `${showPlace(place)} does not match: ${schema.const}`])
  }
  if (schema.enum !== undefined && !schema.enum.includes(comparable(document))) {
    const allowed = schema.enum.join(', ')
    addMismatch(result, place, ['enum', `${showPlace(place)} must be one of the following: ${allowed}`])
  }
  if (schema.format !== undefined && typeof document === 'string' && !isFormat(schema.format, document)) {
    addMismatch(result, place, ['format', `Does not match format '${schema.format}'`])
  }
  result.score += 1
}

function validateText(
  { minLength, maxLength, pattern }: Schema,
  text: string,
  { result, place }: Target,
): void {
  const length = Array.from(text).length
  if (minLength !== undefined && length < minLength) {
    addMismatch(result, place, ['string_gte', `String length must be greater than or equal to ${minLength}`])
  }
  if (maxLength !== undefined && length > maxLength) {
    addMismatch(result, place, ['string_lte', `String length must be less than or equal to ${maxLength}`])
  }
  if (pattern?.matches(text) === false) {
    addMismatch(result, place, ['pattern', `Does not match pattern '${pattern.source}'`])
  }
  result.score += 1
}

function validateCombinations(schema: Schema, document: Document, target: Target): void {
  validateAnyOf(schema, document, target)
  validateOneOf(schema, document, target)
  const { result, place, check } = target
  const all = schema.allOf.map((part) => check(part, document, place))
  for (const part of all) mergeResult(result, part)
  if (!all.every(isValid))
    addMismatch(result, place, ['number_all_of', 'Must validate all the schemas (allOf)'])
  if (schema.not !== undefined && isValid(check(schema.not, document, place))) {
    addMismatch(result, place, ['number_not', 'Must not validate the schema (not)'])
  }
  validateDependencies(schema, document, target)
  validateCondition(schema, document, target)
  result.score += 1
}

/** The mismatches of the best alternative are told too. */
function validateAnyOf({ anyOf }: Schema, document: Document, { result, place, check }: Target): void {
  if (anyOf.length === 0) return
  let best: Result | undefined
  for (const part of anyOf) {
    const found = check(part, document, place)
    if (isValid(found)) return
    if (best === undefined || found.score > best.score) best = found
  }
  addMismatch(result, place, ['number_any_of', 'Must validate at least one schema (anyOf)'])
  if (best !== undefined) mergeResult(result, best)
}

function validateOneOf({ oneOf }: Schema, document: Document, { result, place, check }: Target): void {
  if (oneOf.length === 0) return
  let [valid, best] = [0, undefined as Result | undefined]
  for (const part of oneOf) {
    const found = check(part, document, place)
    if (isValid(found)) valid += 1
    else if (valid === 0 && (best === undefined || found.score > best.score)) best = found
  }
  if (valid === 1) return
  addMismatch(result, place, ['number_one_of', 'Must validate one and only one schema (oneOf)'])
  if (valid === 0 && best !== undefined) mergeResult(result, best)
}

function validateDependencies({ dependencies }: Schema, document: Document, target: Target): void {
  if (!isDocumentObject(document)) return
  for (const key of document.keys()) {
    const dependency = dependencies.get(key)
    if (dependency === undefined) continue
    if ('property' in dependency) {
      validate(dependency, document, target)
      continue
    }
    for (const name of dependency.filter((other) => !document.has(other))) {
      addMismatch(target.result, target.place, ['missing_dependency', `Has a dependency on ${name}`])
    }
  }
}

function validateCondition(schema: Schema, document: Document, { result, place, check }: Target): void {
  if (schema.if === undefined) return
  const isMet = isValid(check(schema.if, document, place))
  const branch = isMet ? schema.then : schema.else
  const found = branch && check(branch, document, place)
  if (found === undefined || isValid(found)) return
  const words = isMet
    ? 'Must validate "then" as "if" was valid'
    : 'Must validate "else" as "if" was not valid'
  addMismatch(result, place, [isMet ? 'condition_then' : 'condition_else', words])
  mergeResult(result, found)
}
