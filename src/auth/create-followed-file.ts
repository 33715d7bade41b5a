import { readFile } from 'node:fs/promises'
import { RegateError } from '../errors.ts'
import type { AuthenticationEvent } from './authentication-options.ts'

export interface FollowedFile<T> {
  /** The last good content; a new value only when the file's text has changed. */
  readonly current: () => T
  readonly status: () => FileStatus
  readonly close: () => void
}

export interface FileStatus {
  readonly file: string
  /** Why what is on disk is not in use. */
  readonly error?: string
}

interface FollowOptions<T> {
  readonly file: string
  /** Throws `RegateError('CONFIG_INVALID')`. */
  readonly parse: (text: string) => T
  /** What to write where the file is empty. */
  readonly ifEmpty?: string | undefined
  readonly checkMs: number
  readonly onEvent: (event: AuthenticationEvent) => void
}

/** A second look this much later must find the same text: no half-written file is ever taken. */
const SETTLE_MS = 100

/**
 * Reads a file and follows its changes, whatever way they are saved: it compares the text itself, since times of files
 * are too coarse and watchers lose renames. An edit that is broken, empty or gone keeps the last good content and is
 * reported once. Throws `CONFIG_INVALID` when the file is broken, empty or missing at start.
 */
export async function createFollowedFile<T>(options: FollowOptions<T>): Promise<FollowedFile<T>> {
  const { file, checkMs, onEvent } = options
  let seen = await read(file)
  let value = parseContent(seen, options)
  let failure: RegateError | undefined
  let closed = false
  let timer = setTimeout(() => void look(), checkMs).unref()

  async function look(): Promise<void> {
    const content = await read(file)
    const changed = !isSame(content, seen)
    if (changed && (await isStill(file, content))) take(content)
    if (!closed)
      timer = setTimeout(() => void look(), changed ? Math.min(SETTLE_MS, checkMs) : checkMs).unref()
  }

  function take(content: Content): void {
    if (closed) return
    seen = content
    try {
      value = parseContent(content, options)
      failure = undefined
      onEvent({ kind: 'file-changed', file })
    } catch (error) {
      failure = toConfigInvalid(error, file)
      onEvent({ kind: 'file-failed', file, error: failure })
    }
  }

  return {
    current: () => value,
    status: () => ({ file, ...(failure ? { error: failure.message } : {}) }),
    close() {
      closed = true
      clearTimeout(timer)
    },
  }
}

type Content = { readonly text: string } | { readonly problem: string }

const utf8 = new TextDecoder('utf-8', { fatal: true })

async function read(file: string): Promise<Content> {
  try {
    return { text: utf8.decode(await readFile(file)) }
  } catch (error) {
    if (error instanceof TypeError) return { problem: 'not UTF-8' }
    return { problem: error instanceof Error && 'code' in error ? String(error.code) : 'failed' }
  }
}

async function isStill(file: string, content: Content): Promise<boolean> {
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS).unref())
  return isSame(await read(file), content)
}

function isSame(one: Content, other: Content): boolean {
  if ('text' in one && 'text' in other) return one.text === other.text
  return 'problem' in one && 'problem' in other && one.problem === other.problem
}

function parseContent<T>(content: Content, { file, parse, ifEmpty }: FollowOptions<T>): T {
  if ('problem' in content)
    throw new RegateError('CONFIG_INVALID', `${file} cannot be read: ${content.problem}`)
  if (content.text.trim() === '')
    throw new RegateError('CONFIG_INVALID', `${file} is empty${ifEmpty === undefined ? '' : `; ${ifEmpty}`}`)
  try {
    return parse(content.text)
  } catch (error) {
    throw toConfigInvalid(error, file)
  }
}

/** Every message names its file. */
function toConfigInvalid(error: unknown, file: string): RegateError {
  const message = error instanceof Error ? error.message : 'failed'
  if (error instanceof RegateError && message.startsWith(file)) return error
  const location = error instanceof RegateError ? error.location : undefined
  return new RegateError('CONFIG_INVALID', `${file}: ${message}`, {
    cause: error,
    ...(location ? { location } : {}),
  })
}
