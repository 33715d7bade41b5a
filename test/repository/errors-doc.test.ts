import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ERROR_STATUS } from '../../src/errors.ts'
import { root } from './read-rooms.ts'

interface Row {
  readonly code: string
  readonly status: string
  readonly meaning: string
  readonly mend: string
}

const rows = readFileSync(join(root, 'docs/errors.md'), 'utf8').split('\n').flatMap(toRow)

describe('docs/errors.md', () => {
  it('lists every code of src/errors.ts once, in its order, with its status', () => {
    const expected = Object.entries(ERROR_STATUS).map(([code, status]) => `${code} ${status ?? '–'}`)
    expect(rows.map(({ code, status }) => `${code} ${status}`)).toEqual(expected)
  })

  it('gives each a meaning and a mend', () => {
    expect(rows.filter(({ meaning, mend }) => meaning === '' || mend === '')).toEqual([])
  })
})

describe('src/errors.ts', () => {
  it('has no status that a proxy could take for an allow', () => {
    const statuses = Object.values(ERROR_STATUS).filter((status) => status !== undefined)
    expect(statuses.filter((status) => status < 400 || status > 599)).toEqual([])
  })
})

function toRow(line: string): readonly Row[] {
  const match = /^\| `([A-Z_]+)` *\| *(\S+) *\| *(.*?) *\| *(.*?) *\|$/.exec(line)
  if (match === null) return []
  const [, code = '', status = '', meaning = '', mend = ''] = match
  return [{ code, status, meaning, mend }]
}
