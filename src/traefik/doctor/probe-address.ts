import type { ProbeResult } from './classify-forward-auth.ts'
import { parseRegateProblem } from './parse-regate-problem.ts'
import { readBounded } from './read-bounded.ts'
import { toReason } from './read-traefik-api.ts'

const TIMEOUT_MS = 5_000
const BYTES_LIMIT = 64 * 1024
const NAME_FAILURES = new Set(['ENOTFOUND', 'EAI_AGAIN'])

/** Asks an address of a ForwardAuth about nothing: Regate denies that, in words that nobody else uses. */
export async function probeAddress(address: string, fetch: typeof globalThis.fetch): Promise<ProbeResult> {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    const response = await fetch(address, {
      redirect: 'manual',
      signal,
      headers: { accept: 'application/json' },
    })
    const code = parseRegateProblem(await readBounded(response, BYTES_LIMIT))
    return code === undefined ? { kind: 'other' } : { kind: 'regate', code }
  } catch (error) {
    const reason = toReason(error)
    return { kind: NAME_FAILURES.has(reason) ? 'unresolved' : 'unreachable', reason }
  }
}
