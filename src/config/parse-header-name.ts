import type { Parsed } from './parsed.ts'
import { quote } from './parsed.ts'

/** Framing, hop-by-hop (RFC 9110 §7.6.1), credentials, and what a proxy or a reply says about itself. */
const REFUSED_NAMES: ReadonlySet<string> = new Set([
  'accept-encoding',
  'authorization',
  'cache-control',
  'client-cert',
  'client-cert-chain',
  'connection',
  'cookie',
  'date',
  'dpop',
  'expect',
  'forwarded',
  'host',
  'keep-alive',
  'location',
  'server',
  'set-cookie',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'vary',
  'via',
  'www-authenticate',
  'x-real-ip',
  'x-request-id',
])
const REFUSED_PREFIXES = ['content-', 'proxy-', 'sec-', 'x-forwarded-', 'x-original-', 'x-rewrite-']

/**
 * A header name that Regate may write or read a credential from. Only letters, digits and `-`: the alias guard folds every
 * other character to `-`, and could not tell a client's spelling from this one.
 */
export function parseHeaderName(name: string): Parsed<string> {
  if (!/^[A-Za-z][A-Za-z0-9-]{0,63}$/.test(name))
    return {
      problem: `${quote(name)} is not a header name; write letters, digits and hyphens, such as X-User-ID`,
    }
  const lower = name.toLowerCase()
  if (REFUSED_NAMES.has(lower) || REFUSED_PREFIXES.some((prefix) => lower.startsWith(prefix)))
    return { problem: `${quote(name)} has a meaning of its own in HTTP; write another name` }
  return { value: name }
}
