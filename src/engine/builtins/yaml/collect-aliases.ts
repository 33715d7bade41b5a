import { isAlias, isCollection, isMap, isNode } from 'yaml'
import type { Alias } from 'yaml'
import { Unreadable } from './unreadable.ts'

/**
 * What each alias of a document stands for: the last anchor of its name before it.
 * @throws Unreadable where there is none, and for names that go-yaml does not take.
 */
export function collectAliases(root: unknown): ReadonlyMap<Alias, unknown> {
  const [anchors, aliases] = [new Map<string, unknown>(), new Map<Alias, unknown>()]
  const waiting: unknown[] = [root]
  for (let node = waiting.pop(); waiting.length > 0 || node !== undefined; node = waiting.pop()) {
    if (isAlias(node)) {
      if (!anchors.has(node.source)) throw new Unreadable('an unknown anchor')
      aliases.set(node, anchors.get(node.source))
    } else if (isNode(node)) {
      if ('anchor' in node && node.anchor !== undefined) anchors.set(checkName(node.anchor), node)
      // The next node of the text lies on top.
      if (isMap(node)) waiting.push(...node.items.flatMap(({ key, value }) => [key, value]).reverse())
      else if (isCollection(node)) waiting.push(...[...node.items].reverse())
    }
  }
  return aliases
}

function checkName(anchor: string): string {
  if (!/^[\w-]+$/.test(anchor)) throw new Unreadable('an anchor of other characters')
  return anchor
}
