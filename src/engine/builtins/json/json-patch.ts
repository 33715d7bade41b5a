import { compareValues } from '../../values/compare-values.ts'
import { isArray, isObject } from '../../values/value.ts'
import type { ObjectValue, Value } from '../../values/value.ts'
import type { Builtin } from '../builtin.ts'
import { type Cell, findCell, insertInto, removeFrom, renderCell, toCell } from './edit-tree.ts'
import { parsePatchPath } from './parse-patch-path.ts'

/** The document; without a cell when an operation has removed it whole. */
interface Edited {
  root: Cell | undefined
}

/**
 * Applies the operations of RFC 6902 one after the other. Paths may be lists, and lead into sets by the member itself.
 * Undefined where one operation fails. Source: OPA, v1/topdown/json.go and internal/edittree.
 */
export const jsonPatch: Builtin = ([value = null, operations = null]) => {
  if (!isArray(operations)) return undefined
  const edited: Edited = { root: toCell(value) }
  for (const operation of operations) {
    if (!isObject(operation) || !apply(edited, operation)) return undefined
  }
  return edited.root && renderCell(edited.root)
}

function apply(edited: Edited, operation: ObjectValue): boolean {
  const named = new Map<Value, Value>(operation.entries)
  const [path, value] = [readPath(named.get('path')), named.get('value')]
  const name = named.get('op')
  if (path === undefined || typeof name !== 'string') return false
  switch (name) {
    case 'add':
      return insertAt(edited, path, value)
    case 'remove':
      return removeAt(edited, path)
    case 'replace':
      return value !== undefined && removeAt(edited, path) && insertAt(edited, path, value)
    case 'move':
    case 'copy': {
      const from = readPath(named.get('from'))
      const part = from && renderAt(edited, from)
      const isTaken = from !== undefined && (name === 'copy' || removeAt(edited, from))
      return isTaken && insertAt(edited, path, part)
    }
    case 'test': {
      const part = renderAt(edited, path)
      return part !== undefined && value !== undefined && compareValues(part, value) === 0
    }
    default:
      return false
  }
}

function readPath(path: Value | undefined): readonly Value[] | undefined {
  return path === undefined ? undefined : parsePatchPath(path)
}

function insertAt(edited: Edited, path: readonly Value[], value: Value | undefined): boolean {
  if (value === undefined) return false
  const key = path.at(-1)
  if (key === undefined) {
    edited.root = toCell(value)
    return true
  }
  const parent = edited.root && findCell(edited.root, path.slice(0, -1))
  return parent !== undefined && insertInto(parent, key, value)
}

function removeAt(edited: Edited, path: readonly Value[]): boolean {
  const key = path.at(-1)
  if (edited.root === undefined) return false
  if (key === undefined) {
    edited.root = undefined
    return true
  }
  const parent = findCell(edited.root, path.slice(0, -1))
  return parent !== undefined && removeFrom(parent, key)
}

function renderAt({ root }: Edited, path: readonly Value[]): Value | undefined {
  const cell = root && findCell(root, path)
  return cell && renderCell(cell)
}
