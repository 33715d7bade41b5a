import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { root } from './read-rooms.ts'

export interface Import {
  /** The importing file, relative to `src/`. */
  readonly file: string
  /** A path relative to `src/`, a package's name, or `node:…`. */
  readonly target: string
  readonly typeOnly: boolean
}

export interface Source {
  readonly file: string
  /** The code without its comments. */
  readonly code: string
}

const statement = /^(?:import|export)\s(?<type>\s*type\s)?[\w\s{},*]*?\bfrom\s*['"](?<path>[^'"]+)['"]/gm
const bare = /^import\s*['"](?<path>[^'"]+)['"]/gm
const call = /\b(?:import|require)\(\s*['"`](?<path>[^'"`]+)['"`]/g

/** Every source file of the product. */
export function readSources(): readonly Source[] {
  const folder = join(root, 'src')
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => ({ file, code: withoutComments(readFileSync(join(folder, file), 'utf8')) }))
}

/** Every import of a file, in whatever form: `import`, `export … from`, `import()`, `import('…').Type`, `require()`. */
export function readImports({ file, code }: Source): readonly Import[] {
  return [statement, bare, call]
    .flatMap((form) => [...code.matchAll(form)])
    .map(({ groups }) => ({
      file,
      target: toTarget(file, groups?.['path'] ?? ''),
      typeOnly: groups?.['type'] !== undefined,
    }))
}

function toTarget(file: string, path: string): string {
  if (path.startsWith('.')) return relative('src', join('src', dirname(file), path))
  if (path.startsWith('node:')) return path
  return path
    .split('/')
    .slice(0, path.startsWith('@') ? 2 : 1)
    .join('/')
}

function withoutComments(code: string): string {
  return code.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|\s)\/\/.*$/gm, '$1')
}
