import { RegateError } from '../errors.ts'
import { describeFailure } from './describe-failure.ts'
import { readBody } from './read-body.ts'

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
    return await readBody(response.body, options.maxBytes)
  } catch (cause) {
    throw new RegateError('KEYS_UNAVAILABLE', `${url.origin}${url.pathname}: ${describeFailure(cause)}`, {
      cause,
    })
  }
}

async function discard(response: Response): Promise<Error> {
  await response.body?.cancel()
  return new Error(`status ${response.status}`)
}
