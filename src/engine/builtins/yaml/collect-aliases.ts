import { isAlias, isCollection, isMap, isNode, isScalar } from 'yaml'
import type { Alias } from 'yaml'
import { pastLimit } from '../past-limit.ts'
import { checkCollection } from './check-collection.ts'
import { checkScalar } from './check-scalar.ts'
import { Unreadable } from './unreadable.ts'

/**
 * What each alias of a document stands for: the last anchor of its name before it. `text`: what the document stands in.
 * @throws Unreadable where there is none, for names that go-yaml does not take, and for all else that its parser refuses.
 */
export function collectAliases(root: unknown, text: string): ReadonlyMap<Alias, unknown> {
  const [anchors, aliases] = [new Map<string, unknown>(), new Map<Alias, unknown>()]
  const waiting: unknown[] = [root]
  for (let node = waiting.pop(); waiting.length > 0 || node !== undefined; node = waiting.pop()) {
    if (isAlias(node)) {
      if (!anchors.has(node.source)) throw new Unreadable('an unknown anchor')
      aliases.set(node, anchors.get(node.source))
    } else if (isNode(node)) {
      check(node, text)
      if ('anchor' in node && node.anchor !== undefined) anchors.set(checkName(node.anchor), node)
      // The next node of the text lies on top.
      for (const child of childrenOf(node).reverse()) waiting.push(child)
    }
  }
  return aliases
}

function check(node: unknown, text: string): void {
  if (isScalar(node)) checkScalar(node, text)
  if (isCollection(node) && node.srcToken !== undefined) checkCollection(node.srcToken, text)
}

function childrenOf(node: unknown): unknown[] {
  if (isMap(node)) return node.items.flatMap(({ key, value }) => [key, value])
  return isCollection(node) ? [...node.items] : []
}

function checkName(anchor: string): string {
  if (anchor.includes(':')) throw pastLimit('yaml', 'a colon in the name of an anchor')
  if (!/^[\w-]+$/.test(anchor)) throw new Unreadable('an anchor of other characters')
  return anchor
}
