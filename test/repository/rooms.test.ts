import { execFile } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Room, readDependencies, readRooms, root } from './read-rooms.ts'

/** One line of source, and whether its room admits it. */
interface Line {
  readonly source: string
  readonly permitted: boolean
}

const rooms = readRooms()
const libraries = readDependencies()
const tree = mkdtempSync(join(tmpdir(), 'regate-rooms-'))
let refused: ReadonlySet<string>

beforeAll(async () => {
  copyFileSync(join(root, '.oxlintrc.json'), join(tree, '.oxlintrc.json'))
  for (const room of rooms) {
    const file = join(tree, fileOf(room))
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, linesOf(room).map(toLine).join(''))
  }
  refused = await lint()
})

afterAll(() => rmSync(tree, { recursive: true }))

describe.each(rooms)('the lint of $name', (room) => {
  const lines = linesOf(room)
  const sources = (wanted: readonly Line[]) => wanted.map(({ source }) => source)

  it('refuses every forbidden import and lets every permitted one pass', () => {
    const found = lines.filter((_, index) => refused.has(`${fileOf(room)}:${index + 1}`))
    expect(lines.some(({ permitted }) => permitted) || room.name === 'errors.ts').toBe(true)
    expect(sources(found)).toEqual(sources(lines.filter(({ permitted }) => !permitted)))
  })
})

function fileOf({ name }: Room): string {
  return name.endsWith('/') ? `src/${name}example.ts` : `src/${name}`
}

function linesOf(room: Room): readonly Line[] {
  return [...roomLines(room), ...libraryLines(room), ...nodeLines(room)]
}

function toLine({ source }: Line): string {
  return `${source}\n`
}

function roomLines(room: Room): readonly Line[] {
  const up = room.name.endsWith('/') ? '..' : '.'
  return rooms
    .filter(({ name }) => name !== room.name)
    .flatMap(({ name }) => {
      const path = name.endsWith('/') ? `${up}/${name}other.ts` : `${up}/${name}`
      const permitted = room.mayImport.includes(name)
      const typePermitted = permitted || (room.mayImportTypes && name.endsWith('/'))
      return [
        { source: `import {} from '${path}'`, permitted },
        { source: `export * from '${path}'`, permitted },
        { source: `await import('${path}')`, permitted },
        { source: `import type { It as ${toName(path)} } from '${path}'`, permitted: typePermitted },
      ]
    })
}

function libraryLines(room: Room): readonly Line[] {
  return libraries.flatMap((library) => {
    const permitted = room.libraries.includes(library)
    return [
      { source: `import '${library}'`, permitted },
      { source: `import type { It as ${toName(library)} } from '${library}'`, permitted },
    ]
  })
}

function nodeLines({ name }: Room): readonly Line[] {
  const isEntry = name === 'main.ts' || name === 'evaluation-main.ts'
  const silent = name === 'decision/' || name === 'errors.ts'
  return [
    { source: `import 'node:path'`, permitted: !silent },
    { source: `import 'node:process'`, permitted: isEntry },
    { source: `process.exit(1)`, permitted: isEntry },
    { source: `import 'node:child_process'`, permitted: ['catalog/', 'cli/', 'engine/'].includes(name) },
    { source: `WebAssembly.compile(bytes)`, permitted: name === 'engine/' },
  ]
}

function toName(path: string): string {
  return path.replaceAll(/[^a-z]/g, '_')
}

/** Runs the linter over the tree; answers `file:line` of each refused import and global. */
async function lint(): Promise<ReadonlySet<string>> {
  const output = await new Promise<string>((resolve) => {
    const program = join(root, 'node_modules/.bin/oxlint')
    execFile(program, ['--format', 'unix'], { cwd: tree, maxBuffer: 16_000_000 }, (_, stdout) =>
      resolve(stdout),
    )
  })
  const found = output.matchAll(/^(.+?:\d+):\d+: .*\(no-restricted-(?:imports|globals)\)\]$/gm)
  return new Set([...found].map(([, place = '']) => place))
}
