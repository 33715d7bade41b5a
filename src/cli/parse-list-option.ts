import { InvalidArgumentError } from 'commander'

/** The elements of a list option, which are separated by commas. An empty list is a mistake: it may have been a variable. */
export function parseListOption(text: string): readonly string[] {
  const items = text.split(',').map((item) => item.trim())
  if (items.every((item) => item !== '')) return items
  throw new InvalidArgumentError('Write one or more texts, separated by commas.')
}
