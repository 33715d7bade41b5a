import { KEY_ID } from './read-key-id.ts'
import {
  PROFILE_FIELDS,
  problemOf,
  readProfile,
  readText,
  readTexts,
  refuseUnknownFields,
} from './read-profile.ts'
import { readTime } from './read-time.ts'
import { type FileProblem, refuseProblems } from './refuse-problems.ts'
import { toIdentified, type Verified } from './verified.ts'
import { readYamlTable, type YamlRow } from './yaml/read-yaml-table.ts'

export interface ApiKey {
  /** SHA-256 of the whole key. */
  readonly digest: Buffer
  /** The first moment at which it does not hold any more, in milliseconds since the epoch. */
  readonly untilMs: number
  /** Names of the only apps that it is for; absent: all. */
  readonly apps?: ReadonlySet<string>
  readonly verified: Verified
}

/** By the key's public part. */
export type KeyTable = ReadonlyMap<string, ApiKey>

const FIELDS = ['sha256', 'owner', 'apps', 'created', 'expires', ...PROFILE_FIELDS]
const APP_NAME = /^[a-z][a-z0-9_]{0,62}$/

/**
 * Reads `api-keys.yaml`: a key's public part → `sha256` of the whole key, `owner`, and optionally roles, groups, scopes, email,
 * name, `apps`, `created` and `expires`. Throws `CONFIG_INVALID` with every problem, each at `file:line:column`.
 */
export function parseKeyTable(file: string, text: string): KeyTable {
  const problems: FileProblem[] = []
  const rows = readYamlTable(file, text).map((row) => [row.name, readKey(row, problems)] as const)
  refuseProblems(problems)
  return new Map(rows)
}

function readKey(row: YamlRow, problems: FileProblem[]): ApiKey {
  // Whoever writes a whole key here must not find it in the log.
  if (!KEY_ID.test(row.name))
    problems.push({
      location: row.location,
      text: 'the first 12 characters of a key are expected, such as rgk_ab12cd34',
    })
  refuseUnknownFields(row, FIELDS, problems)
  const apps = readApps(row, problems)
  const created = readTime(row, 'created', problems)
  return {
    digest: readDigest(row, problems),
    untilMs: readTime(row, 'expires', problems) ?? Infinity,
    ...(apps === undefined ? {} : { apps }),
    verified: {
      answer: toIdentified(readIdentity(row, problems)),
      facts: { keyId: row.name, ...(created === undefined ? {} : { issuedAtMs: created }) },
    },
  }
}

function readIdentity(row: YamlRow, problems: FileProblem[]) {
  const owner = readText(row, 'owner', problems)
  if (!row.fields.has('owner')) problems.push(problemOf(row, 'owner', 'missing'))
  return Object.freeze({
    subject: owner ?? '',
    ...readProfile(row, problems),
    claims: Object.freeze({ __proto__: null }),
    authenticatedBy: 'api-key',
  } as const)
}

function readDigest(row: YamlRow, problems: FileProblem[]): Buffer {
  const digest = readText(row, 'sha256', problems) ?? ''
  if (!/^[0-9a-f]{64}$/i.test(digest))
    problems.push(problemOf(row, 'sha256', '64 hexadecimal digits are expected'))
  return Buffer.from(digest, 'hex')
}

/** An empty list would be a key for nothing, and is more likely a mistake for all. */
function readApps(row: YamlRow, problems: FileProblem[]): ReadonlySet<string> | undefined {
  if (!row.fields.has('apps')) return undefined
  const apps = readTexts(row, 'apps', problems)
  if (apps.length === 0 || !apps.every((app) => APP_NAME.test(app)))
    problems.push(problemOf(row, 'apps', 'names of apps are expected; leave it out for all of them'))
  return new Set(apps)
}
