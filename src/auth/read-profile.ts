import { toEmail } from './to-email.ts'
import type { FileProblem } from './refuse-problems.ts'
import type { YamlField, YamlRow } from './yaml/read-yaml-table.ts'

/** What a table says about a caller besides the proof. */
export interface Profile {
  readonly roles: readonly string[]
  readonly groups: readonly string[]
  readonly scopes: readonly string[]
  readonly email?: string
  readonly name?: string
}

export const PROFILE_FIELDS = ['roles', 'groups', 'scopes', 'email', 'name'] as const

/** Reads the profile's fields of a row; what is wrong goes to `problems`, and the result is then not to be used. */
export function readProfile(row: YamlRow, problems: FileProblem[]): Profile {
  const email = readText(row, 'email', problems)
  const name = readText(row, 'name', problems)
  if (email !== undefined && toEmail(email) === undefined) {
    problems.push(problemOf(row, 'email', 'an address with one @ and an ASCII domain is expected'))
  }
  return {
    roles: readTexts(row, 'roles', problems),
    groups: readTexts(row, 'groups', problems),
    scopes: readTexts(row, 'scopes', problems),
    ...(email === undefined ? {} : { email }),
    ...(name === undefined ? {} : { name }),
  }
}

/** A non-empty text without control characters, or undefined. */
export function readText(row: YamlRow, field: string, problems: FileProblem[]): string | undefined {
  const found = row.fields.get(field)
  if (found === undefined || isText(found.value)) return textOf(found)
  problems.push(problemOf(row, field, 'a non-empty text is expected (numbers and dates in quotes)'))
  return undefined
}

/** Fields that the table does not know are refused: a misspelt `role` must not pass for no roles. */
export function refuseUnknownFields(row: YamlRow, known: readonly string[], problems: FileProblem[]): void {
  for (const [field, { nameLocation: location }] of row.fields) {
    if (!known.includes(field)) {
      problems.push({ location, text: `${row.name}.${field}: unknown, expected one of ${known.join(', ')}` })
    }
  }
}

export function problemOf(row: YamlRow, field: string, text: string): FileProblem {
  return { location: row.fields.get(field)?.location ?? row.location, text: `${row.name}.${field}: ${text}` }
}

/** A list of non-empty texts; none where the field is absent. */
export function readTexts(row: YamlRow, field: string, problems: FileProblem[]): readonly string[] {
  const found = row.fields.get(field)
  const value = found === undefined ? [] : found.value
  if (Array.isArray(value) && value.every(isText)) return Object.freeze([...value])
  problems.push(problemOf(row, field, 'a list of non-empty texts is expected'))
  return []
}

function textOf(field: YamlField | undefined): string | undefined {
  return typeof field?.value === 'string' ? field.value : undefined
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.isWellFormed() && !/\p{Cc}/u.test(value)
}
