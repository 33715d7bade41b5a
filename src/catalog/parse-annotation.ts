import { RegateError } from '../errors.ts'
import { type Annotation, NO_ANNOTATION } from './annotation.ts'
import { parseAppAuthentication } from './parse-app-authentication.ts'
import { parseHostPattern } from './parse-host-pattern.ts'
import { parsePathPrefix } from './parse-path-prefix.ts'
import type { YamlEntry, YamlNode } from './parse-yaml.ts'
import { readFlag, readList, type Report } from './yaml-fields.ts'

export interface ParsedAnnotation {
  /** What could be read, also where something else is wrong. */
  readonly annotation: Annotation
  /** The `custom` names that are Regate's. */
  readonly names: readonly string[]
  readonly problem?: RegateError
}

/** OPA, "Annotations": what a METADATA block may hold. */
const OPA_NAMES: ReadonlySet<string> = new Set([
  'scope',
  'title',
  'description',
  'related_resources',
  'authors',
  'organizations',
  'schemas',
  'entrypoint',
  'compile',
  'custom',
])
// RFC 9110 section 5.6.2
const TOKEN = /^[!#$%&'*+.^_`|~0-9a-z-]+$/i

type Reader = (node: YamlNode, report: Report) => Partial<Annotation>

/** One reader for each `custom` name; what it cannot read it reports and leaves out. */
const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['hosts', (node, report) => readHosts(node, report)],
  ['paths', (node, report) => readPaths(node, report)],
  ['headers', (node, report) => ({ headers: readList(node, readHeaderName, report) })],
  ['gate', (node, report) => readGate(node, report)],
  ['authentication', (node, report) => ({ authentication: parseAppAuthentication(node, report) })],
  ['allow_empty_segments', (node, report) => ({ allowEmptySegments: readFlag(node, report) })],
  ['allow_encoded_slashes', (node, report) => ({ allowEncodedSlashes: readFlag(node, report) })],
])

/**
 * Parses one METADATA block of a package. Under `custom` it may hold
 * `hosts` (names, `*.example.com` for any depth below, `*`; `[]`: none, on purpose), `paths` (rooted prefixes of whole segments, default `/`),
 * `headers` (names that the app may emit and that its policy computes), `gate` (`tests`, `compile`: whether tests that fail
 * keep a version out of service), `authentication` (which credentials count for the app), and `allow_empty_segments` and
 * `allow_encoded_slashes` (`true` admits `//` and `%2F` in this app's paths).
 * Any other name is a problem, because a typing error must not take an app out of service unseen. The first problem is
 * reported (`METADATA_INVALID` with file, row and column) beside whatever could be read.
 */
export function parseAnnotation(node: YamlNode): ParsedAnnotation {
  let problem: RegateError | undefined
  const report: Report = (text, location) => {
    problem ??= new RegateError('METADATA_INVALID', text, { location })
  }
  const entries = readEntries(node, 'METADATA', report)
  for (const { key, keyAt } of entries) if (!OPA_NAMES.has(key)) report(explainUnknown(key), keyAt)
  const title = entries.find(({ key }) => key === 'title')?.value
  const custom = entries.find(({ key }) => key === 'custom')?.value
  const inner = custom === undefined ? undefined : parseCustom(custom, 'custom')
  problem ??= inner?.problem
  const titled = title?.kind === 'scalar' && typeof title.value === 'string' ? { title: title.value } : {}
  const annotation = { ...(inner?.annotation ?? NO_ANNOTATION), ...titled }
  return { annotation, names: inner?.names ?? [], ...(problem === undefined ? {} : { problem }) }
}

/** Parses what stands under `custom`, or in the file that is named `where`. */
export function parseCustom(node: YamlNode, where: string): ParsedAnnotation {
  let problem: RegateError | undefined
  const report: Report = (text, location) => {
    problem ??= new RegateError('METADATA_INVALID', text, { location })
  }
  const parts = readEntries(node, where, report)
  const annotation = parts.reduce<Annotation>(
    (read, entry) => ({ ...read, ...readPart(entry, where, report) }),
    NO_ANNOTATION,
  )
  const names = parts.map(({ key }) => key).filter((name) => READERS.has(name))
  return { annotation, names, ...(problem === undefined ? {} : { problem }) }
}

function explainUnknown(key: string): string {
  const mend = READERS.has(key) ? 'it stands under custom' : `known are ${[...OPA_NAMES].join(', ')}`
  return `unknown name ${JSON.stringify(key)} in METADATA: ${mend}`
}

function readPart({ key, keyAt, value }: YamlEntry, where: string, report: Report): Partial<Annotation> {
  const read = READERS.get(key)
  if (read !== undefined) return read(value, report)
  report(
    `unknown name ${JSON.stringify(key)} ${where === 'custom' ? 'under custom' : `in ${where}`}: known are ${[...READERS.keys()].join(', ')}`,
    keyAt,
  )
  return {}
}

function readEntries(node: YamlNode, name: string, report: Report): readonly YamlEntry[] {
  if (node.kind === 'map') return node.entries
  report(`${name} holds names and values`, node.at)
  return []
}

function readHosts(node: YamlNode, report: Report): Partial<Annotation> {
  if (node.kind === 'list' && node.items.length === 0) return { hosts: [], isHostless: true }
  return { hosts: [...new Set(readList(node, readHost, report))] }
}

function readPaths(node: YamlNode, report: Report): Partial<Annotation> {
  const paths = readList(node, readPath, report)
  return paths.length === 0 ? {} : { paths }
}

function readHost(text: string): { value: string } | { problem: string } {
  const parsed = parseHostPattern(text)
  return 'host' in parsed ? { value: parsed.host } : parsed
}

function readPath(text: string): { value: readonly string[] } | { problem: string } {
  const parsed = parsePathPrefix(text)
  return 'segments' in parsed ? { value: parsed.segments } : parsed
}

function readHeaderName(text: string): { value: string } | { problem: string } {
  return TOKEN.test(text)
    ? { value: text.toLowerCase() }
    : { problem: `${JSON.stringify(text)} is no header name` }
}

/** A value that cannot be read gates. */
function readGate(node: YamlNode, report: Report): Partial<Annotation> {
  const value = node.kind === 'scalar' ? node.value : undefined
  if (value === 'tests' || value === 'compile') return { gate: value }
  report('write tests or compile', node.at)
  return { gate: 'tests' }
}
