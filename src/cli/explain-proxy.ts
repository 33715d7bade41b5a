import type { Decision } from '../decision/decision.ts'
import type { AppMiddleware } from '../traefik/to-middlewares.ts'
import type { Header } from './explain-asked.ts'
import type { ExplainedProxy, ProxiedHeader } from './explain-document.ts'

const CREDENTIALS = new Set(['authorization', 'cookie', 'proxy-authorization'])

/**
 * What Traefik does with a reply: on an allow it sets each listed header that was answered, and removes each listed one that was
 * not, whatever the client sent; all others go on as they came. A denial goes to the client as it is.
 * `secrets` are lower-case names of further headers that hold credentials.
 */
export function explainProxy(
  decision: Decision,
  middleware: AppMiddleware | undefined,
  { sent, secrets }: { readonly sent: readonly Header[]; readonly secrets: ReadonlySet<string> },
): ExplainedProxy {
  const shown =
    middleware === undefined ? {} : { middleware: { name: middleware.name, ...middleware.forwardAuth } }
  if (decision.kind === 'denied' || middleware === undefined) return { ...shown, headers: [] }
  const listed = middleware.forwardAuth.authResponseHeaders
  const listedNames = new Set(listed.map((name) => name.toLowerCase()))
  const sentNames = new Set(sent.map(([name]) => name.toLowerCase()))
  const answered = new Map(decision.headers.map(([name, value]) => [name.toLowerCase(), value]))
  const managed = listed.map((name): ProxiedHeader => {
    const isSent = sentNames.has(name.toLowerCase())
    const value = answered.get(name.toLowerCase())
    if (value === undefined) return { name, effect: isSent ? 'removed' : 'absent' }
    return { name, effect: isSent ? 'overwritten' : 'set', value }
  })
  const others = sent
    .filter(([name]) => !listedNames.has(name.toLowerCase()))
    .map(([name, value]): ProxiedHeader => {
      const isSecret = CREDENTIALS.has(name.toLowerCase()) || secrets.has(name.toLowerCase())
      return { name, effect: 'forwarded', value: isSecret ? '***' : value }
    })
  return { ...shown, headers: [...managed, ...others] }
}
