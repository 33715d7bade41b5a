import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Import, readImports, readSources } from './read-imports.ts'
import { readDependencies, readRooms, root } from './read-rooms.ts'

const rooms = readRooms()
const sources = readSources()
const imports = sources.flatMap(readImports)

describe('docs/architecture.md', () => {
  it('lists every room of src/ and no other', () => {
    const found = readdirSync(join(root, 'src'), { withFileTypes: true }).map((entry) =>
      entry.isDirectory() ? `${entry.name}/` : entry.name,
    )
    expect(rooms.map(({ name }) => name).toSorted()).toEqual(found.toSorted())
  })

  it('names for every package of production the rooms that import it', () => {
    const expected = rooms.flatMap(({ name, libraries }) => libraries.map((library) => `${name} ${library}`))
    const packages = imports.filter(({ target }) => !isOwn(target) && !target.startsWith('node:'))
    const found = new Set(packages.map(({ file, target }) => `${roomOf(file)} ${target}`))
    expect([...found].toSorted()).toEqual(expected.toSorted())
    expect(new Set(rooms.flatMap(({ libraries }) => libraries))).toEqual(new Set(readDependencies()))
  })
})

describe('the rooms', () => {
  it.each(rooms)('$name imports only what the table admits', (room) => {
    const foreign = imports.filter(({ file }) => roomOf(file) === room.name).filter(leavesItsRoom)
    const refused = foreign.filter(
      ({ target, typeOnly }) =>
        !room.mayImport.includes(roomOf(target)) &&
        !(typeOnly && room.mayImportTypes && target.includes('/')),
    )
    expect(refused).toEqual([])
  })

  it('import one another without a cycle', () => {
    const left = new Map(rooms.map((room) => [room.name, new Set(room.mayImport)]))
    for (let free = freeRooms(left); free.length > 0; free = freeRooms(left)) {
      for (const name of free) left.delete(name)
      for (const needs of left.values()) for (const name of free) needs.delete(name)
    }
    expect([...left.keys()]).toEqual([])
  })

  it('read YAML in one file each, or in a folder named for it', () => {
    const files = imports
      .filter(({ target, typeOnly }) => target === 'yaml' && !typeOnly)
      .map(({ file }) => file.replace(/\/yaml\/[^/]+$/, '/yaml'))
    const doors = [...new Set(files)]
    expect(doors.map(roomOf)).toEqual([...new Set(doors.map(roomOf))])
  })

  it('leave the process to the entries, WebAssembly to engine/ and programs to catalog/, cli/ and engine/', () => {
    expect(roomsThatUse(/(?<![-\w])process\s*[.[]|\bnode:process\b/)).toEqual([
      'evaluation-main.ts',
      'main.ts',
    ])
    expect(roomsThatUse(/= WebAssembly\b|\bWebAssembly\s*[.[]|'WebAssembly'/)).toEqual(['engine/'])
    const starters = roomsThatUse(/\bnode:child_process\b/)
    expect(starters.filter((room) => !['catalog/', 'cli/', 'engine/'].includes(room))).toEqual([])
  })

  it('have no class but errors', () => {
    const classes = sources.flatMap(
      ({ code }) => code.match(/^\s*(?:export )?(?:abstract )?class .*$/gm) ?? [],
    )
    expect(classes.filter((line) => !/extends \w*Error\b/.test(line))).toEqual([])
  })
})

function isOwn(target: string): boolean {
  return target.endsWith('.ts') || target.endsWith('.json') || target.startsWith('.')
}

function leavesItsRoom({ file, target }: Import): boolean {
  return isOwn(target) && roomOf(target) !== roomOf(file)
}

function roomOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.indexOf('/') + 1) : path
}

function freeRooms(left: ReadonlyMap<string, ReadonlySet<string>>): readonly string[] {
  return [...left].filter(([, needs]) => needs.size === 0).map(([name]) => name)
}

function roomsThatUse(pattern: RegExp): readonly string[] {
  return [
    ...new Set(sources.filter(({ code }) => pattern.test(code)).map(({ file }) => roomOf(file))),
  ].toSorted()
}
