import type { RegateError } from '../../errors.ts'
import { isArray, isObject, isSet, toNumber, toSet } from '../values/value.ts'
import type { Value } from '../values/value.ts'
import { writeValue } from '../values/write-value.ts'
import type { BuiltinTable } from './builtin.ts'
import { mergeNetworks } from './merge-networks.ts'
import type { WrittenNetwork } from './merge-networks.ts'
import { formatAddress, isMapped, parseAddress } from './parse-address.ts'
import {
  containsAddress,
  containsNetwork,
  formatNetwork,
  parseNetwork,
  sizeOf,
  toNetwork,
} from './parse-network.ts'
import type { Network } from './parse-network.ts'
import { pastLimit } from './past-limit.ts'

/** `net.cidr_expand` of larger blocks than a /16 of version 4 or a /112 of version 6 fails. OPA knows no limit. */
const MAX_EXPANDED = 2n ** 16n
/** `net.cidr_contains_matches` compares no more pairs, and its answer takes no more characters; else it fails. */
const MAX_PAIRS = 2 ** 22
const MAX_MATCHES_LENGTH = 2 ** 23

/** `net.*` as far as it is not the module's own. Source: OPA, v1/topdown/cidr.go. */
export const netBuiltins: BuiltinTable = {
  'net.cidr_is_valid': ([text = null]) => typeof text === 'string' && parseNetwork(text) !== undefined,
  'net.cidr_expand': ([text = null]) => expand(text),
  'net.cidr_merge': ([items = null]) => merge(items),
  'net.cidr_contains_matches': ([outer = null, inner = null]) => findMatches(outer, inner),
}

function expand(text: Value): Value | undefined {
  const network = typeof text === 'string' ? parseNetwork(text) : undefined
  if (!network) return undefined
  if (sizeOf(network.prefix) > MAX_EXPANDED)
    throw pastLimit('net.cidr_expand', 'a block of more than 65,536 addresses')
  const addresses: Value[] = []
  for (let bits = network.first; containsAddress(network, bits); bits += 1n)
    addresses.push(formatAddress(bits))
  return toSet(addresses)
}

function merge(value: Value): Value | undefined {
  const items = isArray(value) ? value : isSet(value) ? value.items : undefined
  const networks = items?.map(readMember)
  const known = networks?.filter((network) => network !== undefined)
  return known && known.length === networks?.length ? toSet([...new Set(mergeNetworks(known))]) : undefined
}

/** An address of version 4 stands for its class (A is a /8) and keeps the bits of its host; OPA does so. */
function readMember(value: Value): WrittenNetwork | undefined {
  if (typeof value !== 'string') return undefined
  const address = parseAddress(value)
  if (!address || address.hasZone) {
    const network = parseNetwork(value)
    return network && { ...network, text: formatNetwork(network.first, network.prefix) }
  }
  if (!isMapped(address.bits)) return undefined
  const top = (address.bits / 2n ** 24n) % 256n
  const prefix = 96 + (top < 0x80n ? 8 : top < 0xc0n ? 16 : 24)
  return { ...toNetwork(address.bits, prefix), text: formatNetwork(address.bits, prefix) }
}

/** What stands for the item in the answer, and its text with the length it adds. */
interface Candidate {
  readonly label: Value
  readonly length: number
  readonly text: Value
}

function findMatches(outerValue: Value, innerValue: Value): Value | undefined {
  const outer = toCandidates(outerValue)
  if (outer?.length === 0) return toSet([])
  const inner = toCandidates(innerValue)
  if (!outer || !inner) return undefined
  if (outer.length * inner.length > MAX_PAIRS) throw tooManyMatches()
  if (inner.length === 0) return toSet([])
  const networks = outer.map(({ text }) => (typeof text === 'string' ? parseNetwork(text) : undefined))
  const tests = inner.map(({ text }) => (typeof text === 'string' ? toTest(text) : undefined))
  const pairs: Value[] = []
  let room = MAX_MATCHES_LENGTH
  for (const [index, { label, length }] of outer.entries()) {
    for (const [place, other] of inner.entries()) {
      const [network, isWithin] = [networks[index], tests[place]]
      if (!network || !isWithin) return undefined
      if (!isWithin(network)) continue
      room -= length + other.length + 4
      if (room < 0) throw tooManyMatches()
      pairs.push([label, other.label])
    }
  }
  return toSet(pairs)
}

function tooManyMatches(): RegateError {
  return pastLimit('net.cidr_contains_matches', 'too many pairs')
}

function toTest(text: string): ((outer: Network) => boolean) | undefined {
  const address = parseAddress(text)
  if (address && !address.hasZone) return (outer) => containsAddress(outer, address.bits)
  const network = parseNetwork(text)
  return network && ((outer) => containsNetwork(outer, network))
}

/** Indices of arrays, items of sets, keys of objects. Other values hold no candidates; undefined where an item names no text. */
function toCandidates(value: Value): Candidate[] | undefined {
  const labelled = toLabelled(value)
  const candidates = labelled.flatMap(([label, item]) => {
    const text = isArray(item) ? item[0] : typeof item === 'string' ? item : undefined
    return text === undefined ? [] : [{ label, text, length: writeValue(label).length }]
  })
  return candidates.length === labelled.length ? candidates : undefined
}

function toLabelled(value: Value): (readonly [label: Value, item: Value])[] {
  if (typeof value === 'string') return [[value, value]]
  if (isArray(value)) return value.map((item, index) => [toNumber(index), item])
  if (isSet(value)) return value.items.map((item) => [item, item])
  return isObject(value) ? [...value.entries] : []
}
