import { isRecord } from '../decision/is-record.ts'

/** A term of OPA's AST in JSON: `{ type, value, location }`. */
export type Term = Readonly<Record<string, unknown>>

export function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value)
}

/** Visits every object of a tree, outer ones first. A visit that returns false keeps out of what is inside. */
export function walkTree(node: unknown, visit: (node: Term) => boolean): void {
  if (isList(node)) for (const item of node) walkTree(item, visit)
  else if (isRecord(node) && visit(node)) for (const value of Object.values(node)) walkTree(value, visit)
}

/** The terms of a reference, its head first; a variable alone is a reference of one. Empty for any other node. */
export function referenceTerms(node: Term): readonly unknown[] {
  if (node['type'] === 'ref' && isList(node['value'])) return node['value']
  return node['type'] === 'var' ? [node] : []
}

export function isVariable(term: unknown, name: string): boolean {
  return isRecord(term) && term['type'] === 'var' && term['value'] === name
}

export function toConstant(term: unknown): string | undefined {
  return isRecord(term) && term['type'] === 'string' && typeof term['value'] === 'string'
    ? term['value']
    : undefined
}

/** Row and column of a node, from 1; what has no place is at the beginning. */
export function placeOf(node: unknown): { readonly row: number; readonly column: number } {
  const location = isRecord(node) && isRecord(node['location']) ? node['location'] : {}
  return { row: Math.max(1, Number(location['row'] ?? 1)), column: Math.max(1, Number(location['col'] ?? 1)) }
}
