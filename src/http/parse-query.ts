import type { NameValues } from '../decision/access-request.ts'
import { RegateError } from '../errors.ts'
import { createNameValues } from './name-values.ts'

// One well-formed UTF-8 sequence at most, so that a bad byte spoils nothing beside it.
const ESCAPED_CHARACTER =
  /%[0-7][0-9a-f]|%[cd][0-9a-f]%[89ab][0-9a-f]|%e[0-9a-f](?:%[89ab][0-9a-f]){2}|%f[0-4](?:%[89ab][0-9a-f]){3}/gi

const NO_QUERY: NameValues = Object.freeze(createNameValues())

/**
 * Reads a query as forms write it (WHATWG URL, urlencoded): names as sent, `+` is a space, names and values percent-decoded as
 * UTF-8. Tolerates any bytes: an escape that is invalid stays as sent, raw bytes stay Latin-1.
 * Throws `QUERY_TOO_LARGE` above `maxKeys` different names.
 */
export function parseQuery(rawQuery: string, maxKeys: number): NameValues {
  if (rawQuery === '') return NO_QUERY
  const query = createNameValues()
  let keys = 0
  for (const pair of rawQuery.split('&')) {
    if (pair === '') continue
    const equals = pair.indexOf('=')
    const name = decode(equals === -1 ? pair : pair.slice(0, equals))
    const value = equals === -1 ? '' : decode(pair.slice(equals + 1))
    const values = query[name]
    if (values !== undefined) {
      values.push(value)
      continue
    }
    keys += 1
    if (keys > maxKeys) throw new RegateError('QUERY_TOO_LARGE', `The query has more than ${maxKeys} names.`)
    query[name] = [value]
  }
  return query
}

function decode(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text
  return spaced.includes('%') ? spaced.replace(ESCAPED_CHARACTER, decodeCharacter) : spaced
}

function decodeCharacter(escaped: string): string {
  try {
    return decodeURIComponent(escaped)
  } catch {
    return escaped
  }
}
