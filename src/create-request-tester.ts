import type { Impersonate } from './auth/create-impersonator.ts'
import type { CaseAnswer, RequestTester, Trial } from './catalog/request-tester.ts'
import type { Authentication } from './decision/authentication.ts'
import { createAuthorize } from './decision/authorize.ts'
import type { DecideOptions } from './decision/decide.ts'
import type { Decision } from './decision/decision.ts'
import { denyByError } from './decision/deny-by-error.ts'
import type { RequestCase } from './decision/request-case.ts'
import { RegateError } from './errors.ts'
import type { ForwardedOptions, ReadForwarded } from './http/read-forwarded.ts'
import { createForwardedReader } from './http/read-forwarded.ts'
import { denyAsInternal } from './http/safe-ports.ts'
import { toAllowLines } from './http/to-allow-lines.ts'
import { toDenialHead } from './http/to-denial-head.ts'
import { toForwardedLines } from './http/to-forwarded-lines.ts'
import type { TrustedProxies } from './http/trusted-proxies.ts'

export interface RequestTesterOptions {
  readonly forwarded: ForwardedOptions
  readonly trustedProxies: TrustedProxies
  readonly decide: DecideOptions
  readonly impersonate: Impersonate
  /** Milliseconds since the epoch, of cases that name no time. */
  readonly now: () => number
  /** Changes with whatever else decides what comes of a case, such as the release. */
  readonly fingerprint: string
}

/** Cases that are on their way at once: the thread is free again after each such group. */
const GROUP = 16
/** All cases have the same decision id, so that a policy which shows it gives the same result again. */
const DECISION_ID = '00000000-0000-4000-8000-000000000000'

/**
 * Joins the rooms to the chain that a request goes through, for requests that come out of a table and whose callers are known
 * without proof: the lines of the proxy are read, the app is found, its policy decides, and what would be sent is made.
 */
export function createRequestTester(options: RequestTesterOptions): RequestTester {
  const { responseHeaders } = options.decide
  const readForwarded = createForwardedReader(options.forwarded, options.trustedProxies)
  return {
    identityNames: new Set([responseHeaders.userId.toLowerCase(), responseHeaders.roles.toLowerCase()]),
    open: (cases) => {
      const opened = cases.map((each) => ({ ...each, authentication: identify(each, options) }))
      const callers = opened.map(({ authentication }) => authentication)
      const { forwarded, decide, fingerprint } = options
      return {
        fingerprint: JSON.stringify([forwarded, decide, fingerprint, callers]),
        answer: async (trial) => {
          const answers: CaseAnswer[] = []
          for (let index = 0; index < opened.length; index += GROUP) {
            const group = opened.slice(index, index + GROUP)
            answers.push(
              ...(await Promise.all(group.map((each) => answer(each, trial, { ...options, readForwarded })))),
            )
          }
          return answers
        },
      }
    },
  }
}

type OpenedCase = RequestCase & { readonly authentication: Authentication }

function identify(
  { caller, request, at }: RequestCase,
  { impersonate, now }: RequestTesterOptions,
): Authentication {
  try {
    return impersonate(caller, request.timeMs ?? now())
  } catch (cause) {
    if (!(cause instanceof RegateError)) throw cause
    throw new RegateError(cause.code, cause.message, { cause, location: at })
  }
}

interface Chain extends Pick<RequestTesterOptions, 'forwarded' | 'decide'> {
  readonly readForwarded: ReadForwarded
}

async function answer(
  requestCase: OpenedCase,
  { generationFor, appName }: Trial,
  { forwarded, decide, readForwarded }: Chain,
): Promise<CaseAnswer> {
  const accept = requestCase.request.headers['accept']?.join(', ')
  const rawHeaders = toForwardedLines(requestCase.request, forwarded.profile)
  try {
    const request = readForwarded({ id: DECISION_ID, rawHeaders })
    const authorize = createAuthorize(decide, {
      currentGeneration: () => generationFor(requestCase),
      authenticate: () => requestCase.authentication,
    })
    const decision = await authorize(request, appName)
    return { request, ...toSent(decision, { accept, method: request.method }) }
  } catch (error) {
    return toSent(denyByError(error), { accept })
  }
}

/** As the listener does it: what cannot be sent becomes a denial. */
function toSent(
  decision: Decision,
  context: { readonly accept: string | undefined; readonly method?: string },
): Omit<CaseAnswer, 'request'> {
  try {
    return toAnswer(decision, context)
  } catch (error) {
    return toAnswer(denyAsInternal(error), context)
  }
}

function toAnswer(
  decision: Decision,
  context: { readonly accept: string | undefined; readonly method?: string },
): Omit<CaseAnswer, 'request'> {
  if (decision.kind === 'denied')
    return { decision, status: toDenialHead(decision, context).status, headers: [] }
  // Throws where they cannot be sent.
  toAllowLines(decision)
  return { decision, status: 200, headers: decision.headers }
}
