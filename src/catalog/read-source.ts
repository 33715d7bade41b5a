import { createHash } from 'node:crypto'
import { type BigIntStats, constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { RegateError } from '../errors.ts'
import type { ScannedFile, ScannedModule } from './folder-scan.ts'

export interface SourceReader<T> {
  /**
   * Reads a regular file. A file whose identity, size and times are those of the
   * last look is not read again, unless `everything` asks for it. undefined where there is no such file any more.
   * Throws `RegateError`: `POLICIES_UNREADABLE`, `POLICY_TOO_LARGE`.
   */
  readonly read: (place: SourcePlace) => Promise<T | undefined>
  /** Forgets every other path. */
  readonly keepOnly: (paths: ReadonlySet<string>) => void
}

export interface SourcePlace {
  readonly absolutePath: string
  /** As people see it. */
  readonly path: string
  /** Taken before the file is read: what is written in between shows as a difference at the next look. */
  readonly stats: BigIntStats
  readonly maximumBytes: number
  readonly everything: boolean
}

interface Kept<T> {
  readonly fingerprint: string
  readonly file: T
}

interface Content {
  readonly path: string
  readonly bytes: Buffer
  readonly changedAtMs: number
  readonly hash: string
}

/** Coarser file clocks than this are not known; a younger file may change again within the same tick. */
const CLOCK_TICK_MS = 100

/** Makes a reader that remembers what it read, in the form that `toFile` gives it. */
export function createSourceReader<T>(toFile: (content: Content) => T): SourceReader<T> {
  const kept = new Map<string, Kept<T>>()
  return {
    read: async (place) => {
      const fingerprint = toFingerprint(place.stats)
      const before = kept.get(place.path)
      if (!place.everything && before !== undefined && before.fingerprint === fingerprint) return before.file
      const content = await readContent(place)
      const file = content && toFile(content)
      if (file === undefined || fingerprint === undefined) kept.delete(place.path)
      else kept.set(place.path, { fingerprint, file })
      return file
    },
    keepOnly: (paths) => {
      for (const path of kept.keys()) if (!paths.has(path)) kept.delete(path)
    },
  }
}

/** undefined while the file is so young that an equal fingerprint would prove nothing. */
function toFingerprint({ dev, ino, size, mtimeNs, ctimeNs, ctimeMs }: BigIntStats): string | undefined {
  return Date.now() - Number(ctimeMs) < CLOCK_TICK_MS
    ? undefined
    : [dev, ino, size, mtimeNs, ctimeNs].join(':')
}

/** As UTF-8; a byte order mark is dropped. Throws `RegateError('POLICIES_UNREADABLE')`. */
export function toScannedFile({ path, bytes, ...rest }: Content): ScannedFile {
  return { path, text: decode(path, bytes), ...rest }
}

export function toScannedModule({ bytes, ...rest }: Content): ScannedModule {
  return { bytes: Uint8Array.from(bytes), ...rest }
}

async function readContent(place: SourcePlace): Promise<Content | undefined> {
  const handle = await openFile(place)
  if (handle === undefined) return undefined
  try {
    const bytes = await readBounded(handle, place)
    // The other time is the writer's to choose.
    const changedAtMs = Number(place.stats.ctimeMs)
    return { path: place.path, bytes, changedAtMs, hash: createHash('sha256').update(bytes).digest('hex') }
  } finally {
    await handle.close()
  }
}

/** Never waits for a pipe: what is no regular file is refused once it is open. */
async function openFile({ absolutePath, path }: SourcePlace): Promise<FileHandle | undefined> {
  try {
    return await open(absolutePath, constants.O_RDONLY + constants.O_NONBLOCK)
  } catch (cause) {
    if (isMissing(cause)) return undefined
    throw unreadable(path, 'cannot be opened', cause)
  }
}

async function readBounded(handle: FileHandle, { path, maximumBytes }: SourcePlace): Promise<Buffer> {
  const stats = await handle.stat()
  if (!stats.isFile()) throw unreadable(path, 'is no regular file')
  const bytes = stats.size > maximumBytes ? undefined : await handle.readFile()
  if (bytes === undefined || bytes.length > maximumBytes) {
    throw tooLarge(path, `is larger than ${maximumBytes} bytes`)
  }
  return bytes
}

function decode(path: string, bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw unreadable(path, 'is not UTF-8', cause)
  }
}

export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
}

export function unreadable(path: string, problem: string, cause?: unknown): RegateError {
  const location = { file: path, row: 1, column: 1 }
  return new RegateError('POLICIES_UNREADABLE', `${path} ${problem}`, { cause, location })
}

export function tooLarge(path: string, problem: string): RegateError {
  return new RegateError('POLICY_TOO_LARGE', `${path} ${problem}`, {
    location: { file: path, row: 1, column: 1 },
  })
}
