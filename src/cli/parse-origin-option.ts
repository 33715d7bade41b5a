import { InvalidArgumentError } from 'commander'
import { parseOrigin } from '../config/parse-origin.ts'

/** The origin of an address, for an option of commander. */
export function parseOriginOption(text: string): string {
  const parsed = parseOrigin(text)
  if ('value' in parsed) return parsed.value
  throw new InvalidArgumentError(`${parsed.problem}.`)
}
