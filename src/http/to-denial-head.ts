import type { Denied } from '../decision/decision.ts'
import { prefersHtml } from './prefers-html.ts'
import { toHeaderBytes } from './to-header-bytes.ts'
import { denialStatus } from './to-problem.ts'

export interface DenialHead {
  readonly status: number
  /** By lower-case name; values as bytes, one Latin-1 character each. */
  readonly headers: Readonly<Record<string, string | string[]>>
  /** Whether the body is a page for people. */
  readonly isPage: boolean
}

/** What the client has sent that matters for a denial. */
export interface DenialContext {
  readonly accept?: string | undefined
  /** The forwarded method; undefined where the request could not be read. */
  readonly method?: string | undefined
}

/**
 * Status and headers of a denial, without those of its body. A browser that may be redirected is answered 302. Throws
 * `INTERNAL` for what cannot be sent.
 */
export function toDenialHead(denied: Denied, { accept, method }: DenialContext): DenialHead {
  const isPage = prefersHtml(accept)
  const location = isPage && isSafeMethod(method) ? denied.redirect : undefined
  const shared = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }
  if (location === undefined)
    return { status: denialStatus(denied), headers: { ...shared, ...toDenialHeaders(denied) }, isPage }
  return { status: 302, headers: { ...shared, location: toHeaderBytes(location) }, isPage }
}

function toDenialHeaders({ challenges, retryAfterSeconds, nonce }: Denied): DenialHead['headers'] {
  return {
    ...(challenges.length > 0 ? { 'www-authenticate': challenges.map(toHeaderBytes) } : {}),
    ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(Math.ceil(retryAfterSeconds)) }),
    ...(nonce === undefined ? {} : { 'dpop-nonce': nonce }),
  }
}

/** A browser follows a redirect of these without losing what it sent (RFC 9110 section 9.2.1). */
function isSafeMethod(method: string | undefined): boolean {
  return method === 'GET' || method === 'HEAD'
}
