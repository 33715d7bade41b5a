import { compareValues, sortUnique } from '../values/compare-values.ts'
import { isArray, isObject, isSet, toSet } from '../values/value.ts'
import type { ObjectValue, Value } from '../values/value.ts'
import { writeValue } from '../values/write-value.ts'
import type { BuiltinTable } from './builtin.ts'
import { pastLimit } from './past-limit.ts'

/** The paths of `graph.reachable_paths` may take so many characters; past that it fails. Their number is exponential. */
const MAX_PATHS_LENGTH = 2 ** 23

/** `graph.reachable_paths`. Source: OPA, v1/topdown/reachable.go. */
export const graphBuiltins: BuiltinTable = {
  'graph.reachable_paths': ([graph = null, starts = null]) => {
    const roots = toItems(starts)
    return isObject(graph) && roots ? findPaths(toGraph(graph), roots) : undefined
  },
}

/** Nodes are places in `nodes`; a value that is no key has none. */
interface Graph {
  readonly nodes: readonly Node[]
  readonly find: (value: Value) => number | undefined
}

interface Node {
  readonly value: Value
  /** Of its text, in characters. */
  readonly length: number
  readonly neighbours: readonly Value[]
}

interface Frame {
  readonly node: number
  readonly neighbours: readonly Value[]
  next: number
}

function findPaths(graph: Graph, roots: readonly Value[]): Value {
  const paths: Value[] = []
  let room = MAX_PATHS_LENGTH
  function commit(path: readonly Value[], length: number): void {
    room -= length + 2
    if (room < 0) throw pastLimit('graph.reachable_paths', 'too many paths')
    paths.push([...path])
  }
  const starts = roots.filter((root) => graph.find(root) !== undefined)
  for (const start of starts) walk(graph, start, commit)
  return toSet(paths)
}

/** Depth first without recursion: a chain may be longer than the stack. */
function walk(graph: Graph, start: Value, commit: (path: readonly Value[], length: number) => void): void {
  const frames: Frame[] = []
  const path: Value[] = []
  const visits = new Map<number, number>()
  let length = 0

  function count(node: number, change: 1 | -1): void {
    length += change * (graph.nodes[node]?.length ?? 0)
    visits.set(node, (visits.get(node) ?? 0) + change)
  }

  function leave(node: number): void {
    path.pop()
    count(node, -1)
  }

  function visit(value: Value, node: number | undefined): void {
    if (node === undefined) return commit(path, length)
    const neighbours = graph.nodes[node]?.neighbours ?? []
    path.push(value)
    count(node, 1)
    if (neighbours.length > 0) {
      frames.push({ node, neighbours, next: 0 })
      return
    }
    commit(path, length)
    leave(node)
  }

  visit(start, graph.find(start))
  for (let frame = frames.at(-1); frame; frame = frames.at(-1)) {
    const neighbour = frame.neighbours[frame.next]
    frame.next += 1
    if (neighbour === undefined) {
      frames.pop()
      leave(frame.node)
      continue
    }
    const node = graph.find(neighbour)
    // The start's own neighbours are entered even when they close a cycle, as in OPA: `{"a": ["a"]}` gives `["a", "a"]`.
    const closesCycle = frames.length > 1 && node !== undefined && (visits.get(node) ?? 0) > 0
    if (closesCycle) commit(path, length)
    else visit(neighbour, node)
  }
}

function toGraph({ entries }: ObjectValue): Graph {
  const sorted = entries.toSorted(([one], [other]) => compareValues(one, other))
  const nodes = sorted.map(([value, edges]) => ({
    value,
    length: writeValue(value).length + 1,
    neighbours: toItems(edges) ?? [],
  }))
  const places = new Map(
    nodes.flatMap(({ value }, place) => (typeof value === 'string' ? [[value, place]] : [])),
  )
  return { nodes, find: (value) => (typeof value === 'string' ? places.get(value) : search(nodes, value)) }
}

function search(nodes: readonly Node[], value: Value): number | undefined {
  let [low, high] = [0, nodes.length]
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const order = compareValues(nodes[middle]?.value ?? null, value)
    if (order === 0) return middle
    if (order < 0) low = middle + 1
    else high = middle
  }
  return undefined
}

function toItems(value: Value): readonly Value[] | undefined {
  if (isArray(value)) return value
  return isSet(value) ? sortUnique(value.items) : undefined
}
