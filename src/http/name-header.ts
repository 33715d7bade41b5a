/** A lower-case header name as people write it: `X-Forwarded-Uri`. */
export function nameHeader(name: string): string {
  return name.replaceAll(/(^|-)[a-z]/g, (start) => start.toUpperCase())
}
