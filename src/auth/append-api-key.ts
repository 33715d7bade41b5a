import { editFile } from './edit-file.ts'
import { digestApiKey, makeApiKey, type NewApiKey } from './make-api-key.ts'
import { parseKeyTable } from './parse-key-table.ts'
import { addYamlRow } from './yaml/edit-yaml.ts'

/** What an API key is to stand for. Empty lists are not written. */
export interface KeyHolder {
  readonly owner: string
  readonly roles: readonly string[]
  readonly groups: readonly string[]
  readonly scopes: readonly string[]
  /** Empty: all apps. */
  readonly apps: readonly string[]
  /** Milliseconds since the epoch; absent: never. */
  readonly expiresAtMs?: number
}

const HEADING =
  '# API keys: only digests of them. `regate key new` adds one; delete its line to take it back.\n'

/**
 * Makes an API key and adds its digest to a file, which is made if need be; the rest of it stays, comments too.
 * Throws `CONFIG_INVALID` where the file, or what is to be added, would not be accepted, and `FILES_UNWRITABLE`;
 * the file is then as it was.
 */
export async function appendApiKey(file: string, holder: KeyHolder, nowMs: number): Promise<NewApiKey> {
  const made: NewApiKey[] = []
  await editFile(file, (text) => {
    const table = parseKeyTable(file, text)
    const key = makeOther((id) => table.has(id))
    const changed = addYamlRow(text === '' ? HEADING : text, key.id, toRow(holder, key, nowMs))
    parseKeyTable(file, changed)
    made.push(key)
    return changed
  })
  const [key] = made
  if (key === undefined) throw new Error('no key was made')
  return key
}

function makeOther(isTaken: (id: string) => boolean): NewApiKey {
  for (;;) {
    const key = makeApiKey()
    if (!isTaken(key.id)) return key
  }
}

function toRow({ owner, expiresAtMs, ...lists }: KeyHolder, { key }: NewApiKey, nowMs: number): object {
  const written = Object.entries(lists).filter(([, list]) => list.length > 0)
  return {
    sha256: digestApiKey(key).toString('hex'),
    owner,
    ...Object.fromEntries(written),
    created: new Date(nowMs).toISOString(),
    ...(expiresAtMs === undefined ? {} : { expires: new Date(expiresAtMs).toISOString() }),
  }
}
