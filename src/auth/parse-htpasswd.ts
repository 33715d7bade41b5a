import { parsePasswordHash } from './parse-password-hash.ts'
import { type FileProblem, refuseProblems } from './refuse-problems.ts'

export interface PasswordTable {
  /** User id → bcrypt or argon2id hash. */
  readonly hashes: ReadonlyMap<string, string>
  /** A hash that no password has, as costly as the costliest of the file. */
  readonly decoy: string
}

/**
 * Reads an htpasswd file of bcrypt and argon2id lines; blank lines and `#` comments are passed over.
 * Throws `CONFIG_INVALID` with every refused line; none quotes a hash.
 */
export function parseHtpasswd(file: string, text: string): PasswordTable {
  const problems: FileProblem[] = []
  const hashes = new Map<string, string>()
  let decoy = DECOY_OF_NOBODY
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue
    const parsed = parseLine(line, hashes)
    if ('problem' in parsed)
      problems.push({ location: { file, row: index + 1, column: 1 }, text: parsed.problem })
    else {
      hashes.set(parsed.user, parsed.hash)
      if (parsed.cost > decoy.cost) decoy = parsed
    }
  }
  refuseProblems(problems)
  return { hashes, decoy: decoy.decoy }
}

/** Of a file without users; any hash of one costs more. */
const DECOY_OF_NOBODY = {
  cost: 0,
  decoy: '$2b$10$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZabcde',
}

function parseLine(line: string, hashes: ReadonlyMap<string, string>) {
  const colon = line.indexOf(':')
  const user = line.slice(0, Math.max(colon, 0))
  const hash = line.slice(colon + 1).trimEnd()
  if (user === '' || /\p{Cc}/u.test(user)) return { problem: 'user:hash is expected' }
  if (hashes.has(user)) return { problem: `user ${user} is there twice` }
  const parsed = parsePasswordHash(hash)
  return 'problem' in parsed ? { problem: `user ${user}: ${parsed.problem}` } : { user, hash, ...parsed }
}
