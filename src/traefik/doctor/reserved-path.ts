/**
 * Paths that Regate refuses whatever the policies say: a segment is `..` once its `;params` are cut. Traefik passes them on as
 * they are, so that no request for them is ever allowed and each is answered by Regate.
 */
export function toReservedPath(prefix: string): string {
  return `${prefix.replace(/\/$/, '')}/regate-canary/..;/x`
}

/** The code of the refusal. */
export const RESERVED_CODE = 'FORWARDED_URI_INVALID'
