import { isArray, isObject, isSet, toObject, toSet } from '../../values/value.ts'
import type { Value } from '../../values/value.ts'
import { parseIndex } from './parse-patch-path.ts'
import { toKey } from './to-key.ts'

/** A place in a document that is being edited. Only what a path has led through is opened. */
export interface Cell {
  value: Value
  open?: Composite | undefined
  /** Put here by an edit, or opened by one. */
  isEdited: boolean
}

type Composite =
  | { readonly kind: 'list'; readonly original: readonly Value[]; readonly cells: Cell[] }
  | { readonly kind: 'object' | 'set'; members: Map<string, Member> }

interface Member {
  readonly key: Value
  readonly cell: Cell
}

export function toCell(value: Value, isEdited = true): Cell {
  return { value, isEdited }
}

/** What an edited document holds now. */
export function renderCell({ value, open }: Cell): Value {
  switch (open?.kind) {
    case undefined:
      return value
    case 'list':
      return open.cells.map(renderCell)
    case 'object':
      return toObject([...open.members.values()].map(({ key, cell }) => [key, renderCell(cell)]))
    case 'set':
      return toSet([...open.members.values()].map(({ cell }) => renderCell(cell)))
    default:
      throw new TypeError('no such kind', { cause: open satisfies never })
  }
}

/** The cell that a path leads to; `undefined` where nothing is there. */
export function findCell(root: Cell, path: readonly Value[]): Cell | undefined {
  let cell: Cell | undefined = root
  for (const segment of path) cell = cell && findChild(cell, segment)
  return cell
}

/** Puts a value under a key: before the element of a list, over the value of an object. False where it cannot be. */
export function insertInto(cell: Cell, key: Value, value: Value): boolean {
  const open = openAt(cell, key)
  switch (open?.kind) {
    case undefined:
      return false
    case 'list': {
      const index = parseIndex(key, open.cells.length) ?? -1
      if (index < 0 || index > open.cells.length) return false
      open.cells.splice(index, 0, toCell(value))
      return true
    }
    case 'object':
    case 'set':
      if (open.kind === 'set' && toKey(key) !== toKey(value)) return false
      open.members.set(toKey(key), { key, cell: toCell(value) })
      return true
    default:
      throw new TypeError('no such kind', { cause: open satisfies never })
  }
}

/** Takes away what is under a key. False where nothing is. */
export function removeFrom(cell: Cell, key: Value): boolean {
  const open = openAt(cell, key)
  if (open === undefined) return false
  if (open.kind !== 'list') return open.members.delete(toKey(key))
  const index = parseIndex(key, open.cells.length) ?? -1
  if (index < 0 || index >= open.cells.length) return false
  open.cells.splice(index, 1)
  return true
}

function findChild(cell: Cell, key: Value): Cell | undefined {
  const open = openAt(cell, key)
  if (open === undefined) return undefined
  return open.kind === 'list' ? findElement(open, key) : open.members.get(toKey(key))?.cell
}

/**
 * OPA reads an element that no edit has touched at its index in the original list, even where edits have moved it, and
 * writes that over the one at this index now. Kept, because policies are tried with OPA.
 */
function findElement(open: Composite & { readonly kind: 'list' }, key: Value): Cell | undefined {
  const index = parseIndex(key, open.cells.length) ?? -1
  const cell = open.cells[index]
  if (cell === undefined || cell.isEdited) return cell
  const original = open.original[index]
  if (original === undefined) return undefined
  const edited = toCell(original)
  open.cells[index] = edited
  return edited
}

/** Members of a set are their own keys: before one that could have been edited is looked up, they are keyed anew. */
function openAt(cell: Cell, key: Value): Composite | undefined {
  cell.open ??= openValue(cell.value)
  if (cell.open?.kind === 'set' && typeof key === 'object' && key !== null && !isNumberLike(key)) {
    cell.open = openValue(renderCell(cell))
  }
  return cell.open
}

function isNumberLike(value: Value & object): boolean {
  return 'kind' in value && value.kind === 'number'
}

function openValue(value: Value): Composite | undefined {
  if (isArray(value)) {
    return { kind: 'list', original: value, cells: value.map((item) => toCell(item, false)) }
  }
  if (isObject(value)) return { kind: 'object', members: toMembers(value.entries) }
  return isSet(value)
    ? { kind: 'set', members: toMembers(value.items.map((item) => [item, item])) }
    : undefined
}

function toMembers(entries: readonly (readonly [Value, Value])[]): Map<string, Member> {
  return new Map(entries.map(([key, value]) => [toKey(key), { key, cell: toCell(value, false) }]))
}
