import { isAlias, isScalar, isSeq } from 'yaml'
import type { YAMLMap } from 'yaml'
import { type ReadScalar, readScalar, shortTag, toKeyText } from './read-scalar.ts'
import { Unreadable } from './unreadable.ts'

interface Item {
  readonly key: unknown
  value: unknown
}

/**
 * The items of a map without twins, of which the last value stays in the first place, and the nodes that its keys `<<` merge.
 * @throws Unreadable for what go-yaml does not take: an alias twice as a key.
 */
export function readMapItems(map: YAMLMap, text: string) {
  const [items, merged] = [new Map<string, Item>(), new Array<unknown>()]
  let merges = 0
  for (const { key, value } of map.items) {
    if (isMergeKey(key)) {
      merges += 1
      merged.push(...(isSeq(value) ? value.items : [value]))
    } else {
      const name = toName(key, { text, place: items.size })
      const first = items.get(name)
      if (first !== undefined && isAlias(key)) throw new Unreadable('an alias twice as a key')
      if (first === undefined) items.set(name, { key, value })
      else first.value = value
    }
  }
  if (merges > 1 && merged.length < 2) throw new Unreadable('two keys <<')
  return { items: [...items.values()], merged }
}

function isMergeKey(key: unknown): boolean {
  if (!isScalar(key) || key.value !== '<<') return false
  const tag = shortTag(key.tag)
  return tag === 'merge' || (tag === undefined && (key.type === undefined || key.type === 'PLAIN'))
}

function toName(key: unknown, { text, place }: { readonly text: string; readonly place: number }): string {
  if (isAlias(key)) return `alias ${key.source}`
  const scalar: ReadScalar | undefined = isScalar(key) ? readScalar(key, text) : undefined
  return scalar === undefined || scalar.kind === 'null' ? `place ${place}` : `key ${toKeyText(scalar)}`
}
