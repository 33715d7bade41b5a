import { hash } from 'node:crypto'
import type { Identity } from '../decision/identity.ts'
import { PROFILE_FIELDS, problemOf, readProfile, readText, refuseUnknownFields } from './read-profile.ts'
import { readTime } from './read-time.ts'
import { readYamlTable, type YamlRow } from './yaml/read-yaml-table.ts'
import { type FileProblem, refuseProblems } from './refuse-problems.ts'
import { isBearerToken } from './is-bearer-token.ts'

export interface StaticToken {
  /** For logs; not secret. */
  readonly name: string
  /** SHA-256 of the token. */
  readonly digest: Buffer
  /** The first moment at which it does not hold any more, in milliseconds since the epoch. */
  readonly untilMs: number
  readonly identity: Identity
}

/** By SHA-256 in lower-case hexadecimal. */
export type TokenTable = ReadonlyMap<string, StaticToken>

const FIELDS = ['plain', 'sha256', 'subject', 'expires', ...PROFILE_FIELDS]

/**
 * Reads `tokens.yaml`: a name → `plain` or `sha256`, `subject`, and optionally roles, groups, scopes, email, name and
 * `expires` (a date, which begins at midnight UTC, or an RFC 3339 time).
 * Throws `CONFIG_INVALID` with every problem, each at `file:line:column`; none quotes a token.
 */
export function parseTokenTable(file: string, text: string): TokenTable {
  const problems: FileProblem[] = []
  const table = new Map<string, StaticToken>()
  for (const row of readYamlTable(file, text)) {
    const digest = readDigest(row, problems)
    const twin = table.get(digest)
    if (twin)
      problems.push(
        problemOf(row, row.fields.has('plain') ? 'plain' : 'sha256', `same token as ${twin.name}`),
      )
    else table.set(digest, readToken(row, digest, problems))
  }
  refuseProblems(problems)
  return table
}

function readToken(row: YamlRow, digest: string, problems: FileProblem[]): StaticToken {
  refuseUnknownFields(row, FIELDS, problems)
  const subject = readText(row, 'subject', problems)
  if (!row.fields.has('subject')) problems.push(problemOf(row, 'subject', 'missing'))
  const profile = readProfile(row, problems)
  return {
    name: row.name,
    digest: Buffer.from(digest, 'hex'),
    untilMs: readTime(row, 'expires', problems) ?? Infinity,
    identity: Object.freeze({
      subject: subject ?? '',
      ...profile,
      claims: Object.freeze({ __proto__: null }),
      authenticatedBy: 'token',
    }),
  }
}

function readDigest(row: YamlRow, problems: FileProblem[]): string {
  const plain = readText(row, 'plain', problems)
  const digest = readText(row, 'sha256', problems)
  if (row.fields.has('plain') === row.fields.has('sha256')) {
    problems.push({ location: row.location, text: `${row.name}: either plain or sha256 is expected` })
  }
  if (plain !== undefined && !isBearerToken(plain)) {
    problems.push(problemOf(row, 'plain', 'only letters, digits and -._~+/ can be sent as a bearer token'))
  }
  if (digest !== undefined && !/^[0-9a-f]{64}$/i.test(digest)) {
    problems.push(problemOf(row, 'sha256', '64 hexadecimal digits are expected'))
  }
  if (digest !== undefined) return digest.toLowerCase()
  // A row that is refused anyway must not look like another's twin.
  return plain === undefined ? `refused ${row.name}` : hash('sha256', plain, 'hex')
}
