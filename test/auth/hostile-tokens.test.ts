import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { algorithmRows } from './hostile/algorithm-rows.ts'
import { certificateControls, certificateRows } from './hostile/certificate-rows.ts'
import { claimRows, nameRows } from './hostile/claim-rows.ts'
import { formRows } from './hostile/form-rows.ts'
import { controlRows, headerRows } from './hostile/header-rows.ts'
import { type Answer, openHostileBed } from './hostile/open-hostile-bed.ts'
import { proofControls, proofRows } from './hostile/proof-rows.ts'
import type { Row } from './hostile/workshop.ts'

const hostile = [...algorithmRows, ...formRows, ...claimRows, ...headerRows, ...proofRows, ...certificateRows]
const controls = [...controlRows, ...proofControls, ...certificateControls]
const rows: readonly Row[] = [...controls, ...nameRows, ...hostile]

const bed = await openHostileBed()
const answers = new Map<Row, Answer>()
const secrets = new Set<string>()

beforeAll(async () => {
  for (const row of rows) {
    const { lines, secrets: own } = row.call(bed.trap.url)
    for (const secret of own) secrets.add(secret)
    answers.set(row, await bed.ask(lines))
  }
}, 60_000)
afterAll(() => bed.close())

function expectAnswer(row: Row): void {
  const answer = answers.get(row)
  expect([answer?.status, answer?.code]).toEqual([row.status, row.code])
  for (const [name, value] of Object.entries(row.headers ?? {})) expect(answer?.headers.get(name)).toBe(value)
}

const table = (list: readonly Row[]) => list.map((row) => [row.title, row] as const)

describe('who proves who it is', () => {
  it.each(table(controls))('is let in: %s', (_, row) => expectAnswer(row))
})

describe('a name that would be something else in a header', () => {
  it.each(table(nameRows))('is sent so that it stays one: %s', (_, row) => expectAnswer(row))
})

describe('a hostile token or header', () => {
  it('is one of at least 150, each with a title of its own', () => {
    const titles = new Set(hostile.map(({ title }) => title))
    expect(titles.size).toBe(hostile.length)
    expect(hostile.length).toBeGreaterThanOrEqual(150)
  })

  it.each(table(hostile))('is refused: %s', (_, row) => {
    expect(row.status).toBeGreaterThanOrEqual(400)
    expect(row.status).toBeLessThan(500)
    expectAnswer(row)
  })

  it('gets no header that would tell an app who is calling, and a challenge with each 401', () => {
    for (const row of hostile) {
      const { headers, status } = answers.get(row) ?? {}
      for (const name of ['x-user-id', 'x-user-roles', 'x-name']) expect(headers?.get(name)).toBeUndefined()
      if (status === 401)
        expect(headers?.get('www-authenticate')).toMatch(/^(?:Bearer|DPoP|Basic) realm="regate"/)
    }
  })

  it('makes nobody ask the places that it names', () => {
    expect(bed.trap.hits).toEqual([])
  })
})

describe('what is written meanwhile', () => {
  it('shows no credential and no part of one: answers, logs, metrics, status and what is told of a decision', async () => {
    const ids = [...answers.values()].flatMap(
      ({ bytes }) => /"decision_id":"([\w-]+)"/.exec(bytes)?.[1] ?? [],
    )
    const told = await Promise.all(ids.slice(-100).map((id) => bed.read(`/decisions/${id}`)))
    const written = [
      ...bed.lines,
      ...[...answers.values()].map(({ bytes }) => bytes),
      ...told,
      await bed.read('/metrics'),
      await bed.read('/status'),
    ].join('\n')
    expect(bed.lines.length).toBeGreaterThanOrEqual(rows.length)
    expect(told.join('')).toContain('TOKEN_')
    const shown = [...secrets].filter((secret) => written.includes(secret))
    expect(shown).toEqual([])
  })
})
