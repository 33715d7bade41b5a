import { open } from 'node:fs/promises'
import { RegateError } from '../errors.ts'
import { parseRecord, type RecordedDecision } from './explain-recorded.ts'

/** A line of the decision log is shorter; what is longer is no such line. */
const LINE_LIMIT = 256 * 1024
/** Of a log only the end is read. */
const LOG_LIMIT = 1024 ** 3
const BLOCK = 1024 * 1024
const FETCH_MS = 5_000

/**
 * Looks for a decision in a file of JSON lines, from its end, at most through its last GiB and in bounded memory.
 * Throws `CONFIG_INVALID` where the file cannot be read or the decision is not in it.
 */
export async function findInLog(file: string, id: string): Promise<RecordedDecision> {
  try {
    await using handle = await open(file)
    const { size } = await handle.stat()
    let rest: Buffer<ArrayBufferLike> = Buffer.alloc(0)
    for (let end = size; end > Math.max(0, size - LOG_LIMIT); end -= BLOCK) {
      const start = Math.max(0, end - BLOCK)
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(end - start), 0, end - start, start)
      const block = Buffer.concat([buffer.subarray(0, bytesRead), rest])
      const cut = start === 0 ? 0 : block.indexOf(0x0a) + 1
      const found = findInText(block.toString('utf8', cut), id)
      if (found !== undefined) return found
      rest = start === 0 ? Buffer.alloc(0) : block.subarray(0, Math.min(cut, LINE_LIMIT))
    }
  } catch (cause) {
    throw new RegateError('CONFIG_INVALID', `${file} cannot be read.`, { cause })
  }
  throw missing(id, `the last GiB of ${file}`)
}

function findInText(text: string, id: string): RecordedDecision | undefined {
  for (const line of text.split('\n')) {
    const found = parseRecord(line, id)
    if (found !== undefined) return found
  }
  return undefined
}

/**
 * Asks the admin listener of a running Regate for one of its last 1,000 denials.
 * Throws `CONFIG_INVALID` where it cannot be asked or does not know.
 */
export async function findInMemory(origin: string, id: string): Promise<RecordedDecision> {
  const url = new URL(`/decisions/${encodeURIComponent(id)}`, origin)
  const text = (await askInstance(url))?.slice(0, LINE_LIMIT)
  const found = text === undefined ? undefined : parseRecord(text, id)
  if (found === undefined) throw missing(id, `the last 1,000 denials of ${url.origin}`)
  return found
}

/** The text of a document of the admin listener; undefined where it has none. Throws `CONFIG_INVALID` where it cannot be asked. */
export async function askInstance(url: URL): Promise<string | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(FETCH_MS), redirect: 'error' })
    return response.ok ? await response.text() : undefined
  } catch (cause) {
    throw new RegateError('CONFIG_INVALID', `${url.origin} cannot be asked: is Regate running there?`, {
      cause,
    })
  }
}

function missing(id: string, place: string): RegateError {
  return new RegateError('CONFIG_INVALID', `There is no decision ${id.slice(0, 64)} in ${place}.`)
}
