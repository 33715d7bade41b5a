import { constants, accessSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { z } from 'zod'
import { expected, parsedText, quote, text } from './parsed.ts'
import { parseDuration } from './parse-duration.ts'
import { parseSize } from './parse-size.ts'

/** A mapping of known keys. */
export function section<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.strictObject(shape, expected('a mapping'))
}

/** A list with at least one element. */
export function list<Element extends z.ZodType>(element: Element, mend: string) {
  const message = { error: `is an empty list; write ${mend}` }
  return z.array(element, expected(`a list of ${mend}`)).min(1, message)
}

export function flag() {
  return z.boolean(expected('true or false'))
}

export function count(smallest: number, largest: number) {
  const message = expected(`a whole number from ${smallest} to ${largest}`)
  return z.int(message).min(smallest, message).max(largest, message)
}

/** Milliseconds. */
export function duration(smallest: string, largest: string) {
  return parsedText('a duration such as 10s', (input) => parseDuration(input, smallest, largest))
}

/** Bytes. */
export function size(smallest: string, largest: string) {
  return parsedText('a size such as 16KiB', (input) => parseSize(input, smallest, largest))
}

/** An absolute path, taken from `folder`; nothing need be there. */
export function path(folder: string) {
  return pathText().transform((name) => resolve(folder, name))
}

/** The absolute path of a file that can be read now. `ifAbsent` is the hint where there is none. */
export function file(folder: string, ifAbsent?: string) {
  return pathText().transform((name, context) => {
    const absolute = resolve(folder, name)
    const problem = tryToOpen(absolute, ifAbsent)
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
    return absolute
  })
}

/** A name that is looked up in `PATH`, or, with a slash, an absolute path taken from `folder`. */
export function command(folder: string) {
  return text('a command or a path')
    .meta({ holds: 'command' })
    .transform((name) => resolveCommand(folder, name))
}

export function resolveCommand(folder: string, name: string): string {
  return name.includes('/') ? resolve(folder, name) : name
}

function pathText() {
  return text('a path').meta({ holds: 'path' })
}

function tryToOpen(absolute: string, ifAbsent?: string): string | undefined {
  try {
    if (!statSync(absolute).isFile()) return `${quote(absolute)} is no file; write the path of a file`
    accessSync(absolute, constants.R_OK)
    return undefined
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    const hint = reason === 'ENOENT' && ifAbsent !== undefined ? `; ${ifAbsent}` : ''
    return `${quote(absolute)} cannot be read (${reason}); write the path of a readable file${hint}`
  }
}

/** Refuses an element whose key another has; `key` is where the second one's problem is shown. */
export function uniqueBy(toKey: (element: unknown) => unknown, key?: string) {
  return z.superRefine(
    (elements: unknown, context) => {
      const seen = new Set<unknown>()
      for (const [index, element] of (Array.isArray(elements) ? elements : []).entries()) {
        const value = toKey(element)
        if (value !== undefined && seen.has(value))
          context.addIssue({
            code: 'custom',
            path: key === undefined ? [index] : [index, key],
            message: 'is there twice; remove one',
          })
        seen.add(value)
      }
    },
    { when: () => true },
  )
}
