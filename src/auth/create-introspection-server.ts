import { ERROR_STATUS, RegateError } from '../errors.ts'
import type {
  AuthenticationPorts,
  IntrospectionOptions,
  KeyFetchLimits,
  TokenLimits,
} from './authentication-options.ts'
import { type Answer, createAnswerMemory, type Refusal, toError } from './create-answer-memory.ts'
import { createEndpointFinder } from './create-endpoint-finder.ts'
import { createIntrospectionClient, type Follow } from './create-introspection-client.ts'
import { createTurnstile } from './create-turnstile.ts'
import { introspectToken, type TokenFacts } from './introspect-token.ts'
import { toIntrospected } from './to-introspected.ts'

export interface IntrospectionServer {
  readonly jwtToo: boolean
  /** What is known of a token and still holds. */
  readonly recall: (digest: string) => Answer | undefined
  /** The same, else what the server says now: asked once for all that wait for the same token. */
  readonly ask: (token: string, digest: string) => Answer | Promise<Answer>
  readonly status: () => IntrospectionStatus
}

export interface IntrospectionStatus {
  /** Its issuer, else its address. */
  readonly server: string
  /** Why the last question has no answer. */
  readonly error?: string
}

export interface IntrospectionTools {
  readonly ports: AuthenticationPorts
  readonly follow: Follow
  readonly limits: TokenLimits
  readonly keyFetch: KeyFetchLimits
}

const MOST_AT_ONCE = 32
const MOST_WAITING = 256
/** Whoever tries again at once is not asked for again. */
const UNAVAILABLE_MS = 1_000

/** Opens one server. Throws `CONFIG_INVALID` for an address or a file that cannot be used. */
export async function createIntrospectionServer(
  options: IntrospectionOptions,
  tools: IntrospectionTools,
): Promise<IntrospectionServer> {
  const { ports } = tools
  const fetchAnswer = await createQuestioner(options, tools)
  const memory = createAnswerMemory(ports.now)
  const health = createHealth(nameOf(options), ports)
  const pending = new Map<string, Promise<Answer>>()

  async function fetchAndKeep(token: string, digest: string): Promise<Answer> {
    try {
      const { answer, untilMs } = await fetchAnswer(token)
      memory.keep(digest, answer, untilMs)
      if (answer.kind === 'unavailable') health.failed(toError(answer))
      else health.succeeded()
      return answer
    } finally {
      pending.delete(digest)
    }
  }

  return {
    jwtToo: options.jwtToo,
    recall: memory.recall,
    ask(token, digest) {
      const known = memory.recall(digest) ?? pending.get(digest)
      if (known !== undefined) return known
      const asking = fetchAndKeep(token, digest)
      pending.set(digest, asking)
      return asking
    },
    status: health.status,
  }
}

interface Fetched {
  readonly answer: Answer
  readonly untilMs: number
}

/** Rejects for what nobody foresaw alone. */
async function createQuestioner(
  options: IntrospectionOptions,
  { ports, follow, limits, keyFetch }: IntrospectionTools,
): Promise<(token: string) => Promise<Fetched>> {
  const { now } = ports
  const { issuer, clientId, timeoutMs, negativeCacheMs } = options
  const findEndpoint = createEndpointFinder(options, keyFetch, ports)
  const { proof, send } = await createIntrospectionClient(options, ports, follow)
  const pass = createTurnstile(MOST_AT_ONCE, MOST_WAITING, overloaded)

  async function fetchFacts(token: string): Promise<TokenFacts | undefined> {
    // From here on, so that those who wait for their turn have a deadline too.
    const signal = AbortSignal.timeout(timeoutMs)
    const client = { issuer, clientId, send, signal }
    return pass(async () => {
      const endpoint = await findEndpoint()
      return introspectToken(token, { ...client, endpoint, proof: proof(), nowMs: now() })
    })
  }

  return async (token) => {
    try {
      const facts = await fetchFacts(token)
      if (facts === undefined) return { answer: { kind: 'inactive' }, untilMs: now() + negativeCacheMs }
      const { verified, untilMs } = toIntrospected(facts, options, { limits, nowMs: now() })
      return { answer: { kind: 'active', verified }, untilMs }
    } catch (error) {
      const answer = toRefusal(error)
      const keptMs = answer.kind === 'unavailable' ? UNAVAILABLE_MS : negativeCacheMs
      return { answer, untilMs: now() + keptMs }
    }
  }
}

function toRefusal(error: unknown): Refusal {
  if (!(error instanceof RegateError) || ERROR_STATUS[error.code] === undefined) throw error
  const kind = error.code === 'INTROSPECTION_UNAVAILABLE' ? 'unavailable' : 'refused'
  return { kind, code: error.code, detail: error.message }
}

/** Without the query of an address. */
function nameOf({ issuer, url = '' }: IntrospectionOptions): string {
  return issuer ?? url.replace(/\?.*/s, '')
}

function overloaded(): RegateError {
  return new RegateError('INTROSPECTION_UNAVAILABLE', 'too many tokens are being asked about')
}

/** At least this lies between two reports that a server fails: one token may fail alone, again and again. */
const REPORT_PAUSE_MS = 10_000

function createHealth(server: string, { now, onEvent }: Pick<AuthenticationPorts, 'now' | 'onEvent'>) {
  let failure: RegateError | undefined
  let reported = false
  let reportedAtMs = -Infinity
  return {
    failed(error: RegateError): void {
      failure = error
      if (reported || Math.abs(now() - reportedAtMs) < REPORT_PAUSE_MS) return
      reported = true
      reportedAtMs = now()
      onEvent({ kind: 'introspection-failed', server, error })
    },
    succeeded(): void {
      failure = undefined
      if (reported) onEvent({ kind: 'introspection-recovered', server })
      reported = false
    },
    status: (): IntrospectionStatus => ({ server, ...(failure ? { error: failure.message } : {}) }),
  }
}
