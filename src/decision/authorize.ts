import { RegateError } from '../errors.ts'
import { acceptAuthentication } from './accept-authentication.ts'
import type { AccessRequest } from './access-request.ts'
import { chooseApp } from './choose-app.ts'
import { decide, decideRejected, decideUnscoped } from './decide.ts'
import type { DecideOptions } from './decide.ts'
import type { Decision } from './decision.ts'
import { denyByError } from './deny-by-error.ts'
import { createAliasGuard } from './header-alias.ts'
import type { Identity } from './identity.ts'
import type { HeaderRules } from './parse-headers.ts'
import { parseVerdict } from './parse-verdict.ts'
import type { App, AuthorizePorts, Evaluate } from './ports.ts'
import type { Verdict } from './verdict.ts'
import { createInputWriter } from './create-input-writer.ts'
import type { InputWriter } from './create-input-writer.ts'

/**
 * Makes `authorize`: one request to one decision, by one generation. It never rejects: whatever is thrown becomes a denial
 * with its code, and what nobody foresaw is `INTERNAL`, 500. `appName` is that of `/auth/<app>`.
 */
export function createAuthorize(options: AuthorizeOptions, ports: AuthorizePorts): Authorize {
  const authorize = createPrintingAuthorize(options, ports)
  if (options.collectPrints !== true) return authorize
  return async (request, appName) => {
    const printed: string[] = []
    const decision = await authorize(request, appName, (text) => printed.push(text))
    return printed.length === 0 ? decision : { ...decision, printed }
  }
}

export interface AuthorizeOptions extends DecideOptions {
  /** Whether decisions carry what the policy prints. Default false: then nobody reads it. */
  readonly collectPrints?: boolean
}

type OnPrint = (text: string) => void

interface JudgeTools {
  readonly evaluate: Evaluate
  readonly onPrint: OnPrint | undefined
  readonly identity?: Identity
  /** Why a credential counts as absent. */
  readonly ignored?: string | undefined
}

function createPrintingAuthorize(
  options: DecideOptions,
  ports: AuthorizePorts,
): (request: AccessRequest, appName?: string, onPrint?: OnPrint) => Promise<Decision> {
  const { userId, roles, separator } = options.responseHeaders
  const identityNames = new Set([userId.toLowerCase(), roles.toLowerCase()])
  const aliasGuard = createAliasGuard(identityNames)

  const tools = new WeakMap<App, AppTools>()

  function toolsOf(app: App): AppTools {
    const known = tools.get(app)
    if (known !== undefined) return known
    const rules = { separator, identityNames, emittableNames: app.emittableNames }
    const made = {
      writeInput: createInputWriter(app, identityNames),
      readVerdict: createVerdictReader(rules),
    }
    tools.set(app, made)
    return made
  }

  async function judge(
    request: AccessRequest,
    app: App,
    { evaluate, onPrint, identity, ignored }: JudgeTools,
  ): Promise<Decision> {
    const { writeInput, readVerdict } = toolsOf(app)
    const answer = evaluate(writeInput(request, identity), onPrint)
    const verdict = readVerdict(answer instanceof Promise ? await answer : answer)
    return decide(verdict, { request, identity, ignored, app }, options)
  }

  return async (request, appName, onPrint) => {
    let app: App | undefined
    try {
      const generation = ports.currentGeneration()
      aliasGuard(generation)(request)
      app = chooseApp(generation, request, appName)
      const { evaluate } = app
      if (evaluate === undefined)
        throw new RegateError('APP_UNAVAILABLE', `${app.name} has no good version yet`)
      const answer = ports.authenticate(request, app)
      const authentication = acceptAuthentication(
        answer instanceof Promise ? await answer : answer,
        app.authentication,
      )
      switch (authentication.kind) {
        case 'rejected':
          return decideRejected(authentication, app, options)
        case 'anonymous':
          return await judge(request, app, { evaluate, onPrint, ignored: authentication.ignored })
        case 'identified':
          return await judge(request, app, { evaluate, onPrint, identity: authentication.identity })
        case 'unscoped':
          return decideUnscoped(authentication, app, options)
        default:
          throw new RegateError('INTERNAL', 'no authentication', { cause: authentication satisfies never })
      }
    } catch (error) {
      return denyByError(error, app?.name)
    }
  }
}

/** What is made once an app. */
interface AppTools {
  readonly writeInput: InputWriter
  readonly readVerdict: (result: unknown) => Verdict
}

/** An evaluator gives the same frozen object for the same verdict: its reading is kept beside it. */
function createVerdictReader(rules: HeaderRules): AppTools['readVerdict'] {
  const verdicts = new WeakMap<object, Verdict>()
  return (result) => {
    if (typeof result !== 'object' || result === null || !Object.isFrozen(result))
      return parseVerdict(result, rules)
    const known = verdicts.get(result)
    if (known !== undefined) return known
    const verdict = parseVerdict(result, rules)
    verdicts.set(result, verdict)
    return verdict
  }
}

export type Authorize = (request: AccessRequest, appName?: string) => Promise<Decision>
