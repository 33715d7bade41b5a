import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { isRecord } from '../decision/is-record.ts'
import type { AppRecord, AppRouting } from './app-record.ts'
import { parseHostPattern } from './parse-host-pattern.ts'
import { createSingleFlight } from './single-flight.ts'
import { writeWhole } from './write-whole.ts'

/** What each app of a policies folder guarded, kept over a restart: app → its hosts and paths. */
export interface RoutingMemory {
  /** Reads what was kept. */
  readonly recall: () => Promise<void>
  /** Empty where nothing was kept, or where it was not whole, and from the first `keep` on: then the records know. */
  readonly recalled: () => ReadonlyMap<string, AppRouting>
  /** Writes in the background what is not written yet. */
  readonly keep: (records: Iterable<AppRecord>) => void
  /** Resolves when everything is written. */
  readonly close: () => Promise<void>
}

const FORMAT = 'regate-routing-1'

/**
 * Makes the memory of one policies folder, a file in the cache folder. It closes the hosts of an app whose annotation cannot
 * be read after a restart, and gives nobody access. A cache that cannot be written leaves it empty, as no cache folder does.
 */
export function createRoutingMemory(cacheFolder: string | undefined, policiesFolder: string): RoutingMemory {
  const name = createHash('sha256').update(resolve(policiesFolder)).digest('hex')
  const path = cacheFolder === undefined ? undefined : join(cacheFolder, 'routing', `${name}.json`)
  let recalled: ReadonlyMap<string, AppRouting> = new Map()
  let wanted: string | undefined
  let written: string | undefined

  const write = createSingleFlight(async () => {
    const text = wanted
    if (path === undefined || text === undefined || text === written) return
    await writeWhole(path, text).then(
      () => {
        written = text
      },
      () => undefined,
    )
  })

  return {
    recall: async () => {
      if (path !== undefined) recalled = parse(await readFile(path, 'utf8').catch(() => ''))
    },
    recalled: () => recalled,
    keep: (records) => {
      recalled = new Map()
      wanted = toText(records)
      if (wanted !== written) void write()
    },
    close: write,
  }
}

/** An app of which nothing is known is left out. */
function toText(records: Iterable<AppRecord>): string {
  const apps = [...records]
    .filter(({ isUnread }) => !isUnread)
    .map(({ name, annotation: { hosts, paths } }) => ({ name, hosts, paths }))
  return JSON.stringify({ format: FORMAT, checksum: checksumOf(apps), apps })
}

function parse(text: string): ReadonlyMap<string, AppRouting> {
  try {
    const kept: unknown = JSON.parse(text)
    if (!isRecord(kept) || kept['format'] !== FORMAT || !Array.isArray(kept['apps'])) return new Map()
    if (checksumOf(kept['apps']) !== kept['checksum']) return new Map()
    return new Map(kept['apps'].flatMap(toEntry))
  } catch {
    return new Map()
  }
}

function toEntry(app: unknown): Array<readonly [name: string, routing: AppRouting]> {
  if (!isRecord(app) || typeof app['name'] !== 'string') return []
  const { name, hosts, paths } = app
  if (!isTextList(hosts) || !Array.isArray(paths) || !paths.every(isTextList)) return []
  return hosts.every((host) => 'host' in parseHostPattern(host)) ? [[name, { hosts, paths }]] : []
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}

function checksumOf(apps: unknown): string {
  return createHash('sha256').update(JSON.stringify(apps)).digest('hex')
}
