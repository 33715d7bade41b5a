import type { Impersonate } from './auth/create-impersonator.ts'
import type { CaseAnswer, RequestTester, Trial } from './catalog/request-tester.ts'
import type { Config } from './config/to-config.ts'
import { toDataPlaneOptions } from './config/to-data-plane-options.ts'
import { toDecideOptions } from './config/to-decide-options.ts'
import type { Authentication } from './decision/authentication.ts'
import { createAuthorize } from './decision/authorize.ts'
import type { DecideOptions } from './decision/decide.ts'
import type { Decision } from './decision/decision.ts'
import { denyByError } from './decision/deny-by-error.ts'
import type { RequestCase } from './decision/request-case.ts'
import { RegateError } from './errors.ts'
import type { ProfileName } from './http/header-profile.ts'
import { createForwardedReader, type ReadForwarded } from './http/read-forwarded.ts'
import { denyAsInternal } from './http/safe-ports.ts'
import { toAllowLines } from './http/to-allow-lines.ts'
import { toDenialHead } from './http/to-denial-head.ts'
import { toForwardedLines } from './http/to-forwarded-lines.ts'
import { createTrustedProxies } from './http/trusted-proxies.ts'

interface RequestTesterPorts {
  readonly impersonate: Impersonate
  /** Milliseconds since the epoch, of cases that name no time. */
  readonly now: () => number
  /** The release: another one may come to other results. */
  readonly version: string
}

/** Cases that are on their way at once: the thread is free again after each such group. */
const GROUP = 16
/** All cases have the same decision id, so that a policy which shows it gives the same result again. */
const DECISION_ID = '00000000-0000-4000-8000-000000000000'

/**
 * Joins the rooms to the chain that a request goes through, for requests that come out of a table and whose callers are known
 * without proof: the lines of the proxy are read, the app is found, its policy decides, and what would be sent is made.
 */
export function createRequestTester(
  config: Pick<Config, 'proxy' | 'authentication' | 'responseHeaders' | 'limits' | 'shutdownMs'>,
  { impersonate, now, version }: RequestTesterPorts,
): RequestTester {
  const reading = toDataPlaneOptions(config)
  const { profile, trustedProxies, trustEveryone: allowEveryone } = reading
  const chain: Chain = {
    profile,
    decide: toDecideOptions(config),
    readForwarded: createForwardedReader(
      { ...reading, ...reading.limits },
      createTrustedProxies(trustedProxies, { allowEveryone }),
    ),
  }
  const { userId, roles } = config.responseHeaders
  return {
    identityNames: new Set([userId.toLowerCase(), roles.toLowerCase()]),
    open: (cases) => {
      const opened = cases.map((requestCase) => ({
        requestCase,
        authentication: identify(requestCase, impersonate, now),
      }))
      const callers = opened.map(({ authentication }) => authentication)
      return {
        fingerprint: JSON.stringify([version, reading, chain.decide, callers]),
        answer: (trial) => answerAll(opened, trial, chain),
      }
    },
  }
}

interface OpenedCase {
  readonly requestCase: RequestCase
  readonly authentication: Authentication
}

function identify(
  { caller, request, at }: RequestCase,
  impersonate: Impersonate,
  now: () => number,
): Authentication {
  try {
    return impersonate(caller, request.timeMs ?? now())
  } catch (cause) {
    if (!(cause instanceof RegateError)) throw cause
    throw new RegateError(cause.code, cause.message, { cause, location: at })
  }
}

interface Chain {
  readonly profile: ProfileName
  readonly decide: DecideOptions
  readonly readForwarded: ReadForwarded
}

async function answerAll(
  cases: readonly OpenedCase[],
  trial: Trial,
  chain: Chain,
): Promise<readonly CaseAnswer[]> {
  const answers: CaseAnswer[] = []
  for (let index = 0; index < cases.length; index += GROUP) {
    const group = cases.slice(index, index + GROUP)
    answers.push(...(await Promise.all(group.map((each) => answer(each, trial, chain)))))
  }
  return answers
}

async function answer(
  { requestCase, authentication }: OpenedCase,
  { generationFor, appName }: Trial,
  { profile, decide, readForwarded }: Chain,
): Promise<CaseAnswer> {
  const accept = requestCase.request.headers['accept']?.join(', ')
  const rawHeaders = toForwardedLines(requestCase.request, profile)
  try {
    const request = readForwarded({ id: DECISION_ID, rawHeaders })
    const authorize = createAuthorize(decide, {
      currentGeneration: () => generationFor(requestCase),
      authenticate: () => authentication,
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
