import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The root of the repository. */
export const root = join(import.meta.dirname, '../..')

export interface Room {
  /** `http/`, `app.ts` */
  readonly name: string
  readonly mayImport: readonly string[]
  readonly mayImportTypes: boolean
  readonly libraries: readonly string[]
}

/** The rooms as docs/architecture.md lists them. */
export function readRooms(): readonly Room[] {
  const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8')
  const rows = page.split('\n').filter((line) => /^\| `[a-z-]+(\/|\.ts)` +\|/.test(line))
  return rows.map(toRoom)
}

/** The packages that run in production. */
export function readDependencies(): readonly string[] {
  const manifest: { dependencies: Record<string, string> } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  )
  return Object.keys(manifest.dependencies)
}

function toRoom(row: string): Room {
  const [name = '', , imports = '', libraries = ''] = row.split('|').slice(1, -1)
  return {
    name: codeIn(name)[0] ?? '',
    mayImport: codeIn(imports),
    mayImportTypes: imports.includes('types of any room'),
    libraries: libraries.split(',').flatMap((library) => library.trim() || []),
  }
}

function codeIn(cell: string): readonly string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code)
}
