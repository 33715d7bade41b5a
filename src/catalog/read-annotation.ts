import { RegateError, type SourceLocation } from '../errors.ts'
import { type Annotation, NO_ANNOTATION } from './annotation.ts'
import { parseAnnotation, type ParsedAnnotation } from './parse-annotation.ts'
import type { YamlNode } from './parse-yaml.ts'
import { type FileMetadata, readMetadata } from './read-metadata.ts'
import type { SourceFile } from './source-file.ts'

export interface ReadAnnotation {
  /** What could be read; enough to keep the app's hosts closed while something else is wrong. */
  readonly annotation: Annotation
  /** The file that holds it. */
  readonly file?: string
  /** Hosts or paths may be missing from it. */
  readonly isUnread: boolean
  /** The first problem, in the order of the files. */
  readonly problem?: RegateError
}

/** Names whose place above `package` decides which requests and callers reach the app. */
const GUARDING_NAMES: ReadonlySet<string> = new Set(['hosts', 'paths', 'authentication'])

/**
 * Reads an app's annotation from the text of its files, so that an app whose Rego does not parse keeps its hosts.
 * One file alone may hold Regate's `custom` names, above the package that is named as the app; routing elsewhere is a
 * problem and never ignored.
 * Problems: `METADATA_INVALID`, `POLICY_EMPTY`.
 */
export function readAnnotation(app: string, files: readonly SourceFile[]): ReadAnnotation {
  const problems: RegateError[] = []
  const parsed = files.flatMap((file) => {
    try {
      return readFile(app, readMetadata(file), problems)
    } catch (error) {
      if (!(error instanceof RegateError)) throw error
      problems.push(error)
      return []
    }
  })
  const owns = parsed.filter(({ names }) => names.length > 0)
  const [own, second] = owns
  if (second !== undefined) {
    problems.push(invalid('another METADATA of this app holds custom names; keep them in one', second.at))
  }
  const titled = parsed.find(({ annotation }) => annotation.title !== undefined)
  const source = own ?? titled
  const [problem] = problems
  const annotation = { ...(source?.annotation ?? NO_ANNOTATION), ...joinRouting(owns) }
  return {
    annotation,
    // Without its package a file says nothing, and the hosts stand in one file alone.
    isUnread: problems.some(({ code }) => code !== 'POLICY_EMPTY' || annotation.hosts.length === 0),
    ...(source === undefined ? {} : { file: source.at.file }),
    ...(problem === undefined ? {} : { problem }),
  }
}

/** Where two files name hosts, which is a problem, those of both stay closed. */
function joinRouting(owns: readonly LocatedAnnotation[]): Partial<Annotation> {
  if (owns.length < 2) return {}
  const annotations = owns.map(({ annotation }) => annotation)
  return {
    hosts: [...new Set(annotations.flatMap(({ hosts }) => hosts))],
    paths: annotations.flatMap(({ paths }) => paths),
  }
}

type LocatedAnnotation = ParsedAnnotation & { readonly at: SourceLocation }

function readFile(app: string, metadata: FileMetadata, problems: RegateError[]): LocatedAnnotation[] {
  // A wrong package is the compiler's to report; the hosts stay closed all the same.
  const isBelow = metadata.packageName.startsWith(`${app}.`)
  return metadata.blocks.flatMap(({ ofPackage, node }) => {
    if (!ofPackage || isBelow) {
      reportMisplaced(app, node, problems)
      return []
    }
    const parsed = parseAnnotation(node)
    if (parsed.problem !== undefined) problems.push(parsed.problem)
    return [{ ...parsed, at: node.at }]
  })
}

function reportMisplaced(app: string, node: YamlNode, problems: RegateError[]): void {
  const custom = node.kind === 'map' ? node.entries.find(({ key }) => key === 'custom')?.value : undefined
  const entry = custom?.kind === 'map' ? custom.entries.find(({ key }) => GUARDING_NAMES.has(key)) : undefined
  if (entry === undefined) return
  problems.push(
    invalid(`custom.${entry.key} has no effect here: put it right above "package ${app}"`, entry.keyAt),
  )
}

function invalid(problem: string, location: SourceLocation): RegateError {
  return new RegateError('METADATA_INVALID', problem, { location })
}
