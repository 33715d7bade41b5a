import { RegateError } from '../errors.ts'

/**
 * A plain object as JSON, or the JSON text of an object as it is. Anything else is refused, because an input that is missing
 * makes rules with `not` true. Strings must be well-formed: half of a surrogate pair is read as another character.
 * @throws EVALUATION_FAILED
 */
export function toJsonText(value: object | string): string {
  const text = typeof value === 'string' ? value : toJson(value)
  if (!text.startsWith('{')) throw refused('it is no JSON object')
  const mayHoldHalves = text.includes('\\ud') || text.includes('\\uD')
  if ((mayHoldHalves && LONE_SURROGATE.test(text)) || !text.isWellFormed())
    throw refused('a string is not well-formed Unicode')
  return text
}

/** JSON.stringify escapes surrogates only where they stand alone; an even number of backslashes before is text. */
const LONE_SURROGATE = /(?<!\\)(?:\\\\)*\\u[dD][89a-fA-F]/u

function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}

function toJson(value: object): string {
  if (!isPlainObject(value)) throw refused('a plain object is needed')
  try {
    const text: unknown = JSON.stringify(value)
    if (typeof text === 'string') return text
  } catch (cause) {
    throw refused('no JSON can be made of it', cause)
  }
  throw refused('it is no JSON object')
}

function refused(why: string, cause?: unknown): RegateError {
  return new RegateError('EVALUATION_FAILED', `The document handed to a policy is refused: ${why}.`, {
    cause,
  })
}
