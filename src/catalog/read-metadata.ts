import { RegateError, type SourceLocation } from '../errors.ts'
import { parseYaml, type YamlNode } from './parse-yaml.ts'
import type { SourceFile } from './source-file.ts'

/** The METADATA comments of one Rego file, read from its text: the rest of the file may be broken. */
export interface FileMetadata {
  readonly packageName: string
  /** Every block, in order; a block belongs to the package when it stands above it and names no other scope. */
  readonly blocks: readonly MetadataBlock[]
}

export interface MetadataBlock {
  readonly ofPackage: boolean
  readonly node: YamlNode
}

interface CommentBlock {
  readonly row: number
  readonly lines: readonly string[]
}

const METADATA_LINE = /^\s*#\s*METADATA\b/
/** A marker that OPA takes for prose: another case, another `#`, a letter too few. */
const ALMOST_METADATA_LINE = /^\s*#[#\s]*meta[\s_-]?dat\w*\s*:?\s*$/i
/** What stands in METADATA only, and would be passed over elsewhere. */
const ROUTING_LINE = /^\s*#[#\s]*["']?(custom|hosts|paths)["']?\s*:/i
const PACKAGE_LINE = /^\s*package\s+([^\s#;]+)/

/**
 * Reads what stands in the METADATA comments of a Rego file (OPA, "Metadata"): a block begins at `# METADATA` and goes on
 * over the lines right below it that begin with `#`.
 * Throws `RegateError`: `POLICY_EMPTY` where the file has no package statement, so is empty or half written;
 * `METADATA_INVALID` where the block above the package is not valid YAML, and where a comment above the package is METADATA but
 * for its first line: a typing error there must not take an app's hosts away unseen. Other blocks are OPA's to judge.
 */
export function readMetadata(file: SourceFile): FileMetadata {
  const lines = file.text.split(/\r?\n/)
  const packageRow = lines.findIndex((line) => !/^\s*(#|$)/.test(line))
  const packageName = PACKAGE_LINE.exec(lines[packageRow] ?? '')?.[1]
  if (packageName === undefined) throw missingPackage(file, packageRow)
  const found = findBlocks(lines)
  const unmarked = findUnmarked(lines.slice(0, packageRow), found)
  if (unmarked !== undefined) throw missingMarker(file, unmarked)
  const blocks = found.flatMap((block) => toBlock(file.path, block, block.row <= packageRow))
  return { packageName, blocks }
}

function missingPackage(file: SourceFile, row: number): RegateError {
  const problem = file.text.trim() === '' ? 'the file is empty' : 'no package statement stands first'
  const location: SourceLocation = { file: file.path, row: Math.max(row, 0) + 1, column: 1 }
  return new RegateError('POLICY_EMPTY', problem, { location })
}

function findBlocks(lines: readonly string[]): CommentBlock[] {
  const blocks: Array<{ row: number; lines: string[] }> = []
  let open: string[] | undefined
  for (const [index, line] of lines.entries()) {
    if (METADATA_LINE.test(line)) {
      open = []
      blocks.push({ row: index + 1, lines: open })
    } else if (line.startsWith('#')) open?.push(line)
    else open = undefined
  }
  return blocks
}

/** The row, from 0, of a comment that looks like METADATA and is in none. */
function findUnmarked(lines: readonly string[], blocks: readonly CommentBlock[]): number | undefined {
  const marked = new Set(blocks.flatMap(({ row, lines: { length } }) => rowsOf(row - 1, length + 1)))
  const row = lines.findIndex(
    (line, index) => !marked.has(index) && (ALMOST_METADATA_LINE.test(line) || ROUTING_LINE.test(line)),
  )
  return row === -1 ? undefined : row
}

function rowsOf(first: number, length: number): number[] {
  return Array.from({ length }, (_, index) => first + index)
}

function missingMarker({ path }: SourceFile, row: number): RegateError {
  const problem =
    'this looks like METADATA, which begins with the line "# METADATA" and whose lines all begin with "#", without a gap'
  return new RegateError('METADATA_INVALID', problem, { location: { file: path, row: row + 1, column: 1 } })
}

function toBlock(file: string, block: CommentBlock, abovePackage: boolean): MetadataBlock[] {
  const text = block.lines.map((line) => line.slice(1)).join('\n')
  try {
    const node = parseYaml({ text, file, code: 'METADATA_INVALID', skipped: { rows: block.row, columns: 1 } })
    return node === undefined ? [] : [{ ofPackage: abovePackage && isPackageScope(node), node }]
  } catch (error) {
    if (abovePackage) throw error
    return []
  }
}

function isPackageScope(node: YamlNode): boolean {
  const scope = node.kind === 'map' ? node.entries.find(({ key }) => key === 'scope')?.value : undefined
  return scope === undefined || (scope.kind === 'scalar' && scope.value === 'package')
}
