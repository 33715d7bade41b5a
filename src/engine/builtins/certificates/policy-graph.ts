/** Policies are named by the content of their identifiers, in hex. */
export const ANY_POLICY = '551d2000'

interface PolicyNode {
  readonly policy: string
  /** What the next certificate may call this policy. */
  expected: readonly string[]
  readonly parents: Set<PolicyNode>
  readonly children: Set<PolicyNode>
}

type Level = Map<string, PolicyNode>

/** The valid policies of a path, one level for each certificate from the top. Source: RFC 9618, 3. */
export interface PolicyGraph {
  readonly levels: Level[]
}

export function createPolicyGraph(): PolicyGraph {
  const graph: PolicyGraph = { levels: [new Map()] }
  insert(graph, ANY_POLICY, [])
  return graph
}

/** Takes in the policies of the next certificate. `allowsAny`: its "any policy" still counts. Source: RFC 9618, 5.3 (d). */
export function addLevel(graph: PolicyGraph, policies: readonly string[], allowsAny: boolean): void {
  const above = [...lastOf(graph).values()]
  const anyAbove = lastOf(graph).get(ANY_POLICY)
  const level: Level = new Map()
  graph.levels.push(level)
  const byExpected = groupByExpected(above)
  for (const policy of policies) {
    if (policy === ANY_POLICY) continue
    const parents = byExpected.get(policy) ?? (anyAbove ? [anyAbove] : [])
    if (parents.length > 0) insert(graph, policy, parents)
  }
  if (allowsAny && policies.includes(ANY_POLICY)) {
    for (const [policy, parents] of byExpected) {
      if (!level.has(policy)) insert(graph, policy, parents)
    }
  }
  prune(graph)
}

/** Source: RFC 9618, 5.4 (b) (1) and (2). */
export function mapPolicies(graph: PolicyGraph, mappings: ReadonlyMap<string, readonly string[]>): void {
  for (const [issuer, subjects] of mappings) {
    const any = lastOf(graph).get(ANY_POLICY)
    const node = lastOf(graph).get(issuer) ?? (any && insert(graph, issuer, [any]))
    if (node !== undefined) node.expected = subjects
  }
}

/** Source: RFC 9618, 5.4 (b) (3). */
export function removePolicies(graph: PolicyGraph, policies: readonly string[]): void {
  for (const policy of policies) remove(lastOf(graph), policy)
  prune(graph)
}

/** Is any policy valid for the whole path? Source: RFC 9618, 5.5 (g). */
export function hasValidPolicy({ levels }: PolicyGraph): boolean {
  if (levels.at(-1)?.has(ANY_POLICY) === true) return true
  return levels.some((level) => [...level.values()].some(isRootedInAny))
}

function isRootedInAny({ policy, parents }: PolicyNode): boolean {
  const [parent] = parents
  return policy !== ANY_POLICY && parents.size === 1 && parent?.policy === ANY_POLICY
}

function lastOf({ levels }: PolicyGraph): Level {
  return levels.at(-1) ?? new Map()
}

function insert(graph: PolicyGraph, policy: string, parents: readonly PolicyNode[]): PolicyNode {
  const node: PolicyNode = { policy, expected: [policy], parents: new Set(parents), children: new Set() }
  for (const parent of parents) parent.children.add(node)
  lastOf(graph).set(policy, node)
  return node
}

function groupByExpected(nodes: readonly PolicyNode[]): ReadonlyMap<string, PolicyNode[]> {
  const groups = new Map<string, PolicyNode[]>()
  for (const node of nodes) {
    for (const policy of new Set(node.expected)) {
      const group = groups.get(policy)
      if (group === undefined) groups.set(policy, [node])
      else group.push(node)
    }
  }
  return groups
}

/** Takes off, from below, what has no children; the last level and the root stay. */
function prune({ levels }: PolicyGraph): void {
  for (const level of levels.slice(1, -1).toReversed()) {
    for (const { policy, children } of level.values()) {
      if (children.size === 0) remove(level, policy)
    }
  }
}

function remove(level: Level, policy: string): void {
  const node = level.get(policy)
  for (const parent of node?.parents ?? []) {
    if (node !== undefined) parent.children.delete(node)
  }
  level.delete(policy)
}
