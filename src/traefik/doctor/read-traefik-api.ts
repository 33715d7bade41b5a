import { RegateError } from '../../errors.ts'
import type { ApiDocuments } from './parse-traefik-state.ts'
import { readBounded } from './read-bounded.ts'

type Fetch = typeof globalThis.fetch

const TIMEOUT_MS = 10_000
const PAGE_SIZE = 100
const PAGE_LIMIT = 1000
const BYTES_LIMIT = 16 * 1024 ** 2

/**
 * Reads what the API of a running Traefik shows, page by page. `api` is where it is served, without `/api`.
 * Throws `TRAEFIK_UNREACHABLE` where it is not there, wants a sign-in, or answers something else.
 */
export async function readTraefikApi(api: string, fetch: Fetch): Promise<ApiDocuments> {
  const base = `${api.replace(/\/+$/, '').replace(/\/api$/, '')}/api`
  const read = async (path: string) => (await get(`${base}/${path}`, fetch)).value
  const version = await read('version')
  const [overview, routers, middlewares, entrypoints] = await Promise.all([
    read('overview'),
    readPages(`${base}/http/routers`, fetch),
    readPages(`${base}/http/middlewares`, fetch),
    readPages(`${base}/entrypoints`, fetch).catch(() => undefined),
  ])
  return { version, overview, routers, middlewares, ...(entrypoints === undefined ? {} : { entrypoints }) }
}

async function readPages(url: string, fetch: Fetch): Promise<readonly unknown[]> {
  const items: unknown[] = []
  let page = 1
  for (let count = 0; count < PAGE_LIMIT; count += 1) {
    const { value, next } = await get(`${url}?page=${page}&per_page=${PAGE_SIZE}`, fetch)
    if (!Array.isArray(value)) throw unreachable(url, 'answers no list')
    items.push(...(value as readonly unknown[]))
    // The last page names the first one as next.
    if (next <= page) return items
    page = next
  }
  throw unreachable(url, 'has no last page')
}

async function get(url: string, fetch: Fetch): Promise<{ readonly value: unknown; readonly next: number }> {
  let response: Response
  let text: string
  try {
    response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) })
    text = await readBounded(response, BYTES_LIMIT)
  } catch (cause) {
    throw unreachable(url, toReason(cause), cause)
  }
  if (response.status !== 200) throw unreachable(url, `answers ${response.status}`)
  try {
    return { value: JSON.parse(text), next: Number(response.headers.get('x-next-page') ?? 1) }
  } catch (cause) {
    throw unreachable(url, 'answers no JSON', cause)
  }
}

/** What `fetch` failed of, without its wrapping. */
export function toReason(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code
  return cause instanceof Error ? cause.message : String(cause)
}

function unreachable(url: string, reason: string, cause?: unknown): RegateError {
  const message = `${url}: ${reason}; --api wants the address of Traefik's API, such as http://127.0.0.1:8080`
  return new RegateError('TRAEFIK_UNREACHABLE', message, { cause })
}
