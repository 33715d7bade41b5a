import { parseAddress } from '../parse-address.ts'
import { isDomainConstraint } from './is-domain.ts'
import { parseMailbox } from './parse-mailbox.ts'
import {
  constructedTag,
  contextTag,
  type Der,
  isEmpty,
  MalformedDer,
  readAll,
  readAny,
  readInner,
  readOptional,
  TAG,
} from './read-der.ts'
import { decodeAscii } from './read-der-values.ts'

export interface Subtrees {
  readonly hosts: readonly string[]
  readonly emails: readonly string[]
  readonly networks: readonly { readonly address: Buffer; readonly mask: Buffer }[]
  readonly urlHosts: readonly string[]
}

export interface NameConstraints {
  readonly permitted: Subtrees
  readonly excluded: Subtrees
  readonly isCritical: boolean
  /** False where a kind of name is constrained that nobody here checks. */
  readonly isUnderstood: boolean
}

const KIND = {
  email: contextTag(1),
  host: contextTag(2),
  url: contextTag(6),
  network: contextTag(7),
} as const
const KINDS: readonly number[] = Object.values(KIND)

/** Throws `MalformedDer`. Source: RFC 5280, 4.2.1.10. */
export function parseNameConstraints(value: Der, isCritical: boolean): NameConstraints {
  const top = readInner(value, TAG.sequence)
  const [permitted, excluded] = [readOptional(top, constructedTag(0)), readOptional(top, constructedTag(1))]
  if (!isEmpty(value) || !isEmpty(top)) throw new MalformedDer()
  const names = [permitted, excluded].map((list) => (list === undefined ? [] : readBases(list)))
  const [permittedNames = [], excludedNames = []] = names
  if (permittedNames.length + excludedNames.length === 0) throw new MalformedDer()
  return {
    permitted: toSubtrees(permittedNames),
    excluded: toSubtrees(excludedNames),
    isCritical,
    isUnderstood: names.flat().every(({ tag }) => KINDS.includes(tag)),
  }
}

interface Base {
  readonly tag: number
  readonly content: Buffer
}

function readBases(list: Der): Base[] {
  return readAll(list, (der) => readAny(readInner(der, TAG.sequence)))
}

function toSubtrees(bases: readonly Base[]): Subtrees {
  const contents = (kind: number) => bases.filter(({ tag }) => tag === kind).map(({ content }) => content)
  return {
    hosts: contents(KIND.host).map((content) => check(decodeAscii(content), isDomainConstraint)),
    emails: contents(KIND.email).map((content) => check(decodeAscii(content), isMailConstraint)),
    networks: contents(KIND.network).map(toNetwork),
    urlHosts: contents(KIND.url).map((content) => check(decodeAscii(content), isUrlConstraint)),
  }
}

function check(text: string, isValid: (text: string) => boolean): string {
  if (!isValid(text)) throw new MalformedDer()
  return text
}

function isMailConstraint(text: string): boolean {
  return text.includes('@') ? parseMailbox(text) !== undefined : isDomainConstraint(text)
}

function isUrlConstraint(text: string): boolean {
  return parseAddress(text) === undefined && isDomainConstraint(text)
}

/** An address and the mask of its length: ones, then zeros. */
function toNetwork(content: Buffer): { address: Buffer; mask: Buffer } {
  if (content.length !== 8 && content.length !== 32) throw new MalformedDer()
  const half = content.length / 2
  const mask = content.subarray(half)
  const bits = [...mask].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  if (!/^1*0*$/.test(bits)) throw new MalformedDer()
  return { address: content.subarray(0, half), mask }
}
