/** A header name as Go, and with it Traefik, writes it: `X-Webauth-User`. */
export function toCanonicalName(name: string): string {
  return name.toLowerCase().replaceAll(/(^|-)[a-z]/g, (start) => start.toUpperCase())
}
