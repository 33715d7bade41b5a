import { RegateError } from '../errors.ts'

interface FetchOptions {
  readonly fetch: typeof fetch
  readonly signal: AbortSignal
  readonly maxBytes: number
}

/**
 * The text of a document from a key server: status 200 only, no redirect followed, never more than `maxBytes`.
 * Throws `KEYS_UNAVAILABLE` whatever went wrong, with the address without its query.
 */
export async function fetchDocument(url: URL, options: FetchOptions): Promise<string> {
  try {
    const response = await options.fetch(url, {
      redirect: 'manual',
      credentials: 'omit',
      headers: { accept: 'application/json' },
      signal: options.signal,
    })
    if (response.status !== 200) throw await discard(response)
    return await readText(response, options.maxBytes)
  } catch (cause) {
    throw new RegateError('KEYS_UNAVAILABLE', `${url.origin}${url.pathname}: ${reasonOf(cause)}`, { cause })
  }
}

async function discard(response: Response): Promise<Error> {
  await response.body?.cancel()
  return new Error(`status ${response.status}`)
}

async function readText(response: Response, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  const body: AsyncIterable<Uint8Array> | null = response.body
  // Leaving the loop cancels the body.
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength
    if (bytes > maxBytes) throw new Error(`more than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return 'failed'
  if (cause.name === 'TimeoutError') return 'no answer in time'
  // fetch hides the reason one level down.
  return cause.cause instanceof Error ? cause.cause.message : cause.message
}
