import type { TokenCheck } from '../auth/verify-token.ts'
import type { CatalogStatus } from '../catalog/catalog-status.ts'
import { toDataPlaneOptions } from '../config/to-data-plane-options.ts'
import { toDecideOptions } from '../config/to-decide-options.ts'
import type { Config } from '../config/to-config.ts'
import { toProxyAddress } from '../config/to-proxy-address.ts'
import { acceptAuthentication } from '../decision/accept-authentication.ts'
import type { AccessRequest } from '../decision/access-request.ts'
import { createAuthorize } from '../decision/authorize.ts'
import type { Decision } from '../decision/decision.ts'
import { denyByError } from '../decision/deny-by-error.ts'
import type { AuthorizePorts, Generation } from '../decision/ports.ts'
import { createForwardedReader } from '../http/read-forwarded.ts'
import { createTrustedProxies } from '../http/trusted-proxies.ts'
import { toGuardedApps } from '../traefik/to-guarded-apps.ts'
import { toMiddlewares } from '../traefik/to-middlewares.ts'
import { type AskedRequest, toProxyLines } from './explain-asked.ts'
import { explainCaller } from './explain-caller.ts'
import { createCredentialExplainer } from './explain-credential.ts'
import type { ExplainedPolicy, Explanation } from './explain-document.ts'
import { explainProxy } from './explain-proxy.ts'
import { explainReply } from './explain-reply.ts'
import { explainRouting } from './explain-routing.ts'
import { type Evaluation, type Seen, watchGeneration } from './explain-watch.ts'

export interface ExplainParts {
  readonly config: Config
  readonly generation: Generation
  readonly apps: CatalogStatus['apps']
  readonly authenticate: AuthorizePorts['authenticate']
  /** The checks that a token has passed since the last call. */
  readonly takeChecks: () => readonly TokenCheck[]
  /** Evaluates again, for the trace. */
  readonly tracePolicy: (evaluation: Evaluation) => Promise<ExplainedPolicy>
}

export type Explain = (asked: AskedRequest, id?: string) => Promise<Explanation>

/** The same each time, so that a policy that shows it says the same again. */
const DECISION_ID = '00000000-0000-4000-8000-000000000000'

/**
 * Makes the explanation of requests: the chain of the service itself reads, routes, authenticates and decides on the real
 * generation, and is watched meanwhile; only the marks of the policy come from a second evaluation. Requests are explained one
 * after the other. The function throws `CONFIG_INVALID` for a URL without a host, and what `tracePolicy` throws.
 */
export function createExplainer(parts: ExplainParts): Explain {
  const { config, generation, apps, takeChecks } = parts
  const reading = toDataPlaneOptions(config)
  const { profile, trustedProxies, trustEveryone: allowEveryone } = reading
  const trusted = createTrustedProxies(trustedProxies, { allowEveryone })
  const explainCredential = createCredentialExplainer(config.authentication)
  const readForwarded = createForwardedReader({ ...reading, ...reading.limits }, trusted)
  const middlewares = toMiddlewares(toGuardedApps(apps, generation), {
    address: toProxyAddress(config),
    identityHeaders: config.responseHeaders,
  })

  async function decide(asked: AskedRequest, request: AccessRequest, seen: Seen): Promise<Decision> {
    const { authentication } = asked
    const authorize = createAuthorize(
      { ...toDecideOptions(config), collectPrints: true },
      {
        currentGeneration: () => watchGeneration(generation, seen),
        async authenticate(given, app) {
          if (authentication === undefined) seen.credential = explainCredential(given.credentials)
          const answer = authentication ?? (await parts.authenticate(given, app))
          const accepted = acceptAuthentication(answer, app.authentication)
          seen.authentication = accepted.kind === 'unscoped' ? answer : accepted
          return answer
        },
      },
    )
    return authorize(request, asked.app)
  }

  async function judge(asked: AskedRequest, id: string, seen: Seen) {
    const rawHeaders = toProxyLines(asked, profile)
    let request: AccessRequest
    try {
      request = readForwarded({ id, rawHeaders })
    } catch (error) {
      return { request: undefined, made: denyByError(error) }
    }
    return { request, made: await decide(asked, request, seen) }
  }

  return async (asked, id = DECISION_ID) => {
    const seen: Seen = {}
    takeChecks()
    const { request, made } = await judge(asked, id, seen)
    const { decision, reply } = explainReply(made, { asked, id, request })
    const { app: chosen } = decision
    const policy = seen.evaluation === undefined ? undefined : await parts.tracePolicy(seen.evaluation)
    const { method, url, app: named, authentication } = asked
    return {
      asked: { method, url, endpoint: named === undefined ? '/auth' : `/auth/${named}` },
      ...(request === undefined
        ? {}
        : toRequestParts(request, { apps, chosen, isNamed: named !== undefined })),
      caller: explainCaller(seen, { isAssumed: authentication !== undefined, passed: takeChecks() }),
      ...(policy === undefined ? {} : { policy: { ...policy, printed: decision.printed ?? [] } }),
      decision: toDecision(decision),
      reply,
      proxy: explainProxy(
        decision,
        middlewares.find(({ app }) => app.name === chosen),
        { sent: asked.headers, secrets: new Set(reading.tokenHeaders.map((name) => name.toLowerCase())) },
      ),
    }
  }
}

interface RoutingParts {
  readonly apps: CatalogStatus['apps']
  readonly chosen: string | undefined
  readonly isNamed: boolean
}

function toRequestParts(
  { id: _id, credentials: _credentials, ...request }: AccessRequest,
  { apps, ...choice }: RoutingParts,
): Required<Pick<Explanation, 'request' | 'routing'>> {
  return { request, routing: explainRouting(apps, request, choice) }
}

function toDecision(decision: Decision): Explanation['decision'] {
  const app = decision.app === undefined ? {} : { app: decision.app }
  if (decision.kind === 'allowed') return { outcome: 'allowed', ...app, reasons: [] }
  const { code, detail, reasons } = decision
  return { outcome: 'denied', ...app, code, detail, reasons }
}
