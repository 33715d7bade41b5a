import { comparable, type Document } from './document.ts'
import { addMismatch, isValid, mergeResult, type Result, type Target } from './result.ts'
import type { Schema } from './schema.ts'

/** The keywords of lists. */
export function validateList(schema: Schema, items: readonly Document[], target: Target): void {
  validateItems(schema, items, target)
  const { result, place } = target
  if (schema.minItems !== undefined && items.length < schema.minItems) {
    addMismatch(result, place, ['array_min_items', `Array must have at least ${schema.minItems} items`])
  }
  if (schema.maxItems !== undefined && items.length > schema.maxItems) {
    addMismatch(result, place, ['array_max_items', `Array must have at most ${schema.maxItems} items`])
  }
  if (schema.uniqueItems) validateUnique(items, target)
  if (schema.contains !== undefined) validateContains(schema.contains, items, target)
  result.score += 1
}

function validateItems(schema: Schema, items: readonly Document[], target: Target): void {
  const { items: parts } = schema
  if (parts === undefined) return
  if ('property' in parts) {
    for (const index of items.keys()) mergeItem(parts, items, { ...target, index })
    return
  }
  for (const [index, part] of parts.slice(0, items.length).entries())
    mergeItem(part, items, { ...target, index })
  if (parts.length === 0 || items.length <= parts.length) return
  if (schema.additionalItems === false) {
    addMismatch(target.result, target.place, [
      'array_no_additional_items',
      'No additional items allowed on array',
    ])
  } else if (typeof schema.additionalItems === 'object') {
    for (let index = parts.length; index < items.length; index += 1) {
      mergeItem(schema.additionalItems, items, { ...target, index })
    }
  }
}

function mergeItem(
  schema: Schema,
  items: readonly Document[],
  { result, place, check, index }: Target & { readonly index: number },
): void {
  mergeResult(result, check(schema, items[index] ?? null, [...place, String(index)]))
}

function validateUnique(items: readonly Document[], { result, place }: Target): void {
  const places = new Map<string, number>()
  for (const [index, item] of items.entries()) {
    const text = comparable(item)
    const twin = places.get(text)
    if (twin !== undefined)
      addMismatch(result, place, ['unique', `array items[${twin},${index}] must be unique`])
    places.set(text, index)
  }
}

/** Without a fitting item the mismatches of the best one are told too. */
function validateContains(
  schema: Schema,
  items: readonly Document[],
  { result, place, check }: Target,
): void {
  let best: Result | undefined
  for (const [index, item] of items.entries()) {
    const found = check(schema, item, [...place, String(index)])
    if (isValid(found)) return
    if (best === undefined || found.score > best.score) best = found
  }
  addMismatch(result, place, ['contains', 'At least one of the items must match'])
  if (best !== undefined) mergeResult(result, best)
}
