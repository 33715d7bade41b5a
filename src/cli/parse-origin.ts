import { InvalidArgumentError } from 'commander'

/** The origin of an `http:` or `https:` URL that is nothing but one, for an option of commander. */
export function parseOrigin(text: string): string {
  const url = URL.parse(text)
  const isOrigin = url !== null && /^https?:$/.test(url.protocol) && [`${url.origin}/`].includes(url.href)
  if (isOrigin) return url.origin
  throw new InvalidArgumentError('Expected an address without a path, such as http://regate:4182.')
}
