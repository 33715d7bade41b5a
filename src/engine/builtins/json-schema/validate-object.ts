import { compilePattern } from '../patterns/compile-pattern.ts'
import type { Document, DocumentObject } from './document.ts'
import { addMismatch, isValid, mergeResult, type Target } from './result.ts'
import type { Schema } from './schema.ts'

/** The keywords of objects, but for `properties`. */
export function validateObject(schema: Schema, members: DocumentObject, target: Target): void {
  const { result, place } = target
  if (schema.minProperties !== undefined && members.size < schema.minProperties) {
    addMismatch(result, place, [
      'array_min_properties',
      `Must have at least ${schema.minProperties} properties`,
    ])
  }
  if (schema.maxProperties !== undefined && members.size > schema.maxProperties) {
    addMismatch(result, place, [
      'array_max_properties',
      `Must have at most ${schema.maxProperties} properties`,
    ])
  }
  for (const name of schema.required) {
    if (members.has(name)) result.score += 1
    else addMismatch(result, place, ['required', `${name} is required`])
  }
  for (const [key, value] of members) validateMember(schema, [key, value], target)
  for (const key of schema.propertyNames === undefined ? [] : members.keys())
    validateName(schema, key, target)
  result.score += 1
}

function validateMember(schema: Schema, [key, value]: readonly [string, Document], target: Target): void {
  const { result, place } = target
  const isMatched = validatePatterns(schema, [key, value], target)
  if (isMatched || schema.properties.has(key)) return
  if (schema.additionalProperties === false) {
    const words = `Additional property ${key} is not allowed`
    addMismatch(result, place, ['additional_property_not_allowed', words])
  } else if (typeof schema.additionalProperties === 'object') {
    mergeResult(result, target.check(schema.additionalProperties, value, [...place, key]))
  }
}

function validatePatterns(
  schema: Schema,
  [key, value]: readonly [string, Document],
  target: Target,
): boolean {
  let isMatched = false
  for (const [source, part] of schema.patternProperties) {
    if (compilePattern(source)?.matches(key) !== true) continue
    isMatched = true
    mergeResult(target.result, target.check(part, value, [...target.place, key]))
  }
  if (isMatched) target.result.score += 1
  return isMatched
}

function validateName({ propertyNames }: Schema, key: string, { result, place, check }: Target): void {
  const found = propertyNames && check(propertyNames, key, place)
  if (found === undefined || isValid(found)) return
  addMismatch(result, place, ['invalid_property_name', `Property name of "${key}" does not match`])
  mergeResult(result, found)
}
