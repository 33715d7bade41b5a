import { bindingsOf, namesIn } from './instrument-variables.ts'
import type { Term } from './rego-tree.ts'

/**
 * How many expressions of a body are surely evaluated in the order in which they stand: the compiler puts off an expression
 * that waits for a variable which a later one binds.
 */
export function countInOrder(body: readonly Term[], known: ReadonlySet<string>): number {
  let bound = known
  for (const [index, expression] of body.entries()) {
    const { needs, binds } = bindingsOf(expression, bound)
    const later = namesIn(body.slice(index + 1))
    if ([...needs].some((name) => later.has(name))) return index
    bound = bound.union(binds)
  }
  return body.length
}
