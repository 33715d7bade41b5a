import { type FileProblem, refuseProblems } from './refuse-problems.ts'

export interface PasswordTable {
  /** User id → bcrypt hash. */
  readonly hashes: ReadonlyMap<string, string>
  /** A hash that no password has, as costly as the costliest of the file. */
  readonly decoy: string
}

const BCRYPT = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/
const LEAST_COST = 4
/** About four seconds a check: more would be an outage. */
const MOST_COST = 16

/**
 * Reads an htpasswd file of bcrypt lines (`htpasswd -B`); blank lines and `#` comments are passed over.
 * Throws `CONFIG_INVALID` with every refused line; none quotes a hash.
 */
export function parseHtpasswd(file: string, text: string): PasswordTable {
  const problems: FileProblem[] = []
  const hashes = new Map<string, string>()
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue
    const problem = addLine(line, hashes)
    if (problem) problems.push({ location: { file, row: index + 1, column: 1 }, text: problem })
  }
  refuseProblems(problems)
  return { hashes, decoy: toDecoy([...hashes.values()]) }
}

function addLine(line: string, hashes: Map<string, string>): string | undefined {
  const colon = line.indexOf(':')
  const user = line.slice(0, Math.max(colon, 0))
  const hash = line.slice(colon + 1).trimEnd()
  if (user === '' || /\p{Cc}/u.test(user)) return 'user:hash is expected'
  if (hashes.has(user)) return `user ${user} is there twice`
  if (!BCRYPT.test(hash))
    return `user ${user}: only bcrypt hashes are accepted ($2a$, $2b$, $2y$; htpasswd -B)`
  const cost = costOf(hash)
  if (cost < LEAST_COST || cost > MOST_COST)
    return `user ${user}: a cost of ${LEAST_COST} to ${MOST_COST} is expected`
  hashes.set(user, hash)
  return undefined
}

function toDecoy(hashes: readonly string[]): string {
  const cost = hashes.length === 0 ? 10 : Math.max(...hashes.map(costOf))
  return `$2b$${String(cost).padStart(2, '0')}$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZabcde`
}

function costOf(hash: string): number {
  return Number(BCRYPT.exec(hash)?.[1] ?? 0)
}
