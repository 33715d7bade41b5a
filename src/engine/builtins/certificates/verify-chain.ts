import { checkNameConstraints } from './check-name-constraints.ts'
import { checkPolicies } from './check-policies.ts'
import { ANY_USAGE, SERVER_AUTHENTICATION } from './extended-key-usages.ts'
import { matchesHost } from './matches-host.ts'
import type { Certificate } from './parse-certificate.ts'
import { isSignedBy } from './is-signed-by.ts'

export interface ChainOptions {
  readonly nowNs: bigint
  /** A host name or address that the leaf must carry; empty: any. */
  readonly host: string
  /** Go's numbers of the usages of which one is enough; none: authentication of servers. */
  readonly usages: readonly number[]
}

/** As in Go: enough for every honest chain, little for a dishonest one. */
const MAXIMUM_SIGNATURE_CHECKS = 100
/** The place of the bit that allows to sign certificates. */
const CERTIFICATE_SIGN = 5
const ALTERNATIVE_NAMES = '2.5.29.17'

interface Search extends ChainOptions {
  readonly root: Certificate
  readonly intermediates: readonly Certificate[]
  signatureChecks: number
}

/**
 * The chain from the last certificate to the first by way of some of those between, leaf first; `undefined` where there is none.
 * Checks signatures, dates, authority, path lengths, name constraints, policies and extended key usages. Source: RFC 5280, 6.1, as Go's crypto/x509 does it.
 */
export function verifyChain(
  certificates: readonly Certificate[],
  options: ChainOptions,
): readonly Certificate[] | undefined {
  const [root, leaf] = [certificates[0], certificates.at(-1)]
  if (root === undefined || leaf === undefined || certificates.length < 2) return undefined
  const search: Search = {
    ...options,
    root,
    intermediates: dropTwins(certificates.slice(1, -1)),
    signatureChecks: 0,
  }
  if (!isValid(leaf, [], search) || (options.host !== '' && !matchesHost(leaf, options.host)))
    return undefined
  const chains = leaf.raw.equals(root.raw) ? [[leaf]] : buildChains([leaf], search)
  return chains.find(
    (chain) => checkPolicies(chain) && allowsUsage(chain, options.usages) && checkNameConstraints(chain),
  )
}

function dropTwins(certificates: readonly Certificate[]): Certificate[] {
  return [
    ...new Map(certificates.map((certificate) => [certificate.raw.toString('base64'), certificate])).values(),
  ]
}

function buildChains(chain: readonly Certificate[], search: Search): (readonly Certificate[])[] {
  const child = chain.at(-1)
  if (child === undefined) return []
  const chains: (readonly Certificate[])[] = []
  if (isParent(search.root, child, chain, search)) chains.push([...chain, search.root])
  for (const candidate of sortParents(child, search.intermediates)) {
    if (search.signatureChecks >= MAXIMUM_SIGNATURE_CHECKS) return chains
    const isUsable =
      isParent(candidate, child, chain, search) && candidate.basicConstraints?.isAuthority === true
    if (isUsable) chains.push(...buildChains([...chain, candidate], search))
  }
  return chains
}

function isParent(
  candidate: Certificate,
  child: Certificate,
  chain: readonly Certificate[],
  search: Search,
): boolean {
  if (!candidate.rawSubject.equals(child.rawIssuer)) return false
  search.signatureChecks += 1
  if (search.signatureChecks > MAXIMUM_SIGNATURE_CHECKS || isInChain(candidate, chain)) return false
  return maySign(candidate) && isSignedBy(child, candidate.keyInfo.key) && isValid(candidate, chain, search)
}

/** Those whose key the child names come first, then those that say nothing. */
function sortParents(child: Certificate, candidates: readonly Certificate[]): Certificate[] {
  const named = child.authorityKeyId ?? Buffer.alloc(0)
  const rank = ({ subjectKeyId: own = Buffer.alloc(0) }: Certificate): number =>
    own.equals(named) ? 0 : own.length === 0 || named.length === 0 ? 1 : 2
  return candidates.toSorted((one, other) => rank(one) - rank(other))
}

/** The same subject, key and names, whatever else differs: cross-signed authorities must not make a loop. */
function isInChain(candidate: Certificate, chain: readonly Certificate[]): boolean {
  return chain.some(
    (link) =>
      link.rawSubject.equals(candidate.rawSubject) &&
      link.rawKeyInfo.equals(candidate.rawKeyInfo) &&
      rawNames(link) === rawNames(candidate),
  )
}

function rawNames({ extensions }: Certificate): string | undefined {
  return extensions.find(({ id }) => id.join('.') === ALTERNATIVE_NAMES)?.value.toString('base64')
}

function maySign({ version, basicConstraints, keyUsage }: Certificate): boolean {
  const isAuthority = basicConstraints === undefined ? version < 3 : basicConstraints.isAuthority
  return isAuthority && (keyUsage === 0 || Math.floor(keyUsage / 2 ** CERTIFICATE_SIGN) % 2 === 1)
}

function isValid(certificate: Certificate, chain: readonly Certificate[], { nowNs }: Search): boolean {
  const { notBefore, notAfter, unhandledCritical, basicConstraints } = certificate
  const isInForce = nowNs >= toNanoseconds(notBefore.epochMs) && nowNs <= toNanoseconds(notAfter.epochMs)
  const maxPathLength = basicConstraints?.maxPathLength ?? -1n
  const isShortEnough = maxPathLength < 0n || BigInt(chain.length - 1) <= maxPathLength
  return unhandledCritical.length === 0 && isInForce && isShortEnough
}

function toNanoseconds(epochMs: number): bigint {
  return BigInt(epochMs) * 1_000_000n
}

/** One of the wanted usages must survive every certificate that lists usages. */
function allowsUsage(chain: readonly Certificate[], wanted: readonly number[]): boolean {
  if (wanted.includes(ANY_USAGE)) return true
  let usages = wanted.length === 0 ? [SERVER_AUTHENTICATION] : wanted
  for (const { extendedKeyUsages, unknownKeyUsages } of chain) {
    const isOpen =
      extendedKeyUsages.length + unknownKeyUsages.length === 0 || extendedKeyUsages.includes(ANY_USAGE)
    if (!isOpen) usages = usages.filter((usage) => extendedKeyUsages.includes(usage))
  }
  return usages.length > 0
}
