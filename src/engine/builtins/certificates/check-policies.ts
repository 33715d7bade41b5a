import type { Certificate } from './parse-certificate.ts'
import {
  addLevel,
  ANY_POLICY,
  createPolicyGraph,
  hasValidPolicy,
  mapPolicies,
  type PolicyGraph,
  removePolicies,
} from './policy-graph.ts'

/** How many more certificates may pass before a rule takes hold. */
interface Counters {
  explicitPolicy: number
  policyMapping: number
  anyPolicy: number
}

/** Paths this long exist only to cost time. */
const LONGEST_PATH = 100

/**
 * Do the policies of a chain (leaf first, root last) hold together, where any policy will do? Source: RFC 5280, 6.1, as updated by
 * RFC 9618.
 */
export function checkPolicies(chain: readonly Certificate[]): boolean {
  if (chain.length === 1) return true
  if (chain.length > LONGEST_PATH) return false
  const path = chain.slice(0, -1).toReversed()
  const counters: Counters = {
    explicitPolicy: chain.length,
    policyMapping: chain.length,
    anyPolicy: chain.length,
  }
  let graph: PolicyGraph | undefined = createPolicyGraph()
  for (const [at, certificate] of path.entries()) {
    const isLeaf = at === path.length - 1
    graph = certificate.policies === undefined || certificate.policies.length === 0 ? undefined : graph
    if (counters.explicitPolicy === 0 && graph === undefined) return false
    if (graph !== undefined && !takeIn(graph, certificate, counters, isLeaf)) return false
    if (!isLeaf) count(counters, certificate)
  }
  const isExplicit = counters.explicitPolicy <= 1 || path.at(-1)?.requireExplicitPolicy === 0n
  return !isExplicit || (graph !== undefined && hasValidPolicy(graph))
}

/** False: the mappings are forbidden ones. */
function takeIn(graph: PolicyGraph, certificate: Certificate, counters: Counters, isLeaf: boolean): boolean {
  const allowsAny = counters.anyPolicy > 0 || (!isLeaf && isSelfIssued(certificate))
  addLevel(graph, certificate.policies?.map(toHex) ?? [], allowsAny)
  const mappings = certificate.policyMappings.map((pair) => pair.map(toHex))
  if (isLeaf || mappings.length === 0) return true
  if (counters.policyMapping === 0) {
    removePolicies(
      graph,
      mappings.flatMap(([issuer = '']) => issuer),
    )
    return true
  }
  if (mappings.flat().includes(ANY_POLICY)) return false
  removePolicies(graph, [])
  mapPolicies(graph, groupByIssuer(mappings))
  return true
}

function groupByIssuer(mappings: readonly (readonly string[])[]): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>()
  for (const [issuer = '', subject = ''] of mappings) {
    const group = groups.get(issuer)
    if (group === undefined) groups.set(issuer, [subject])
    else group.push(subject)
  }
  return groups
}

/** Source: RFC 5280, 6.1.4 (h) to (j). */
function count(counters: Counters, certificate: Certificate): void {
  const step = isSelfIssued(certificate) ? 0 : 1
  const next = (counter: number, bound: bigint | undefined): number => {
    const rest = Math.max(0, counter - step)
    return bound !== undefined && bound >= 0n && bound < BigInt(rest) ? Number(bound) : rest
  }
  counters.explicitPolicy = next(counters.explicitPolicy, certificate.requireExplicitPolicy)
  counters.policyMapping = next(counters.policyMapping, certificate.inhibitPolicyMapping)
  counters.anyPolicy = next(counters.anyPolicy, certificate.inhibitAnyPolicy)
}

function isSelfIssued({ rawIssuer, rawSubject }: Certificate): boolean {
  return rawIssuer.equals(rawSubject)
}

function toHex(identifier: Buffer): string {
  return identifier.toString('hex')
}
