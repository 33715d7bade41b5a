import { RegateError } from '../errors.ts'
import type { IntrospectionOptions } from './authentication-options.ts'
import { toError } from './create-answer-memory.ts'
import {
  createIntrospectionServer,
  type IntrospectionServer,
  type IntrospectionStatus,
  type IntrospectionTools,
} from './create-introspection-server.ts'
import type { Verified } from './verified.ts'

export interface Introspection {
  /** Whether some server judges JWTs of issuers that are not configured. */
  readonly judgesJwt: boolean
  /**
   * Plain for a token that was active a moment ago. `digest` is that of the whole token.
   * Throws, or rejects with, one of the `TOKEN_…` codes or `INTROSPECTION_UNAVAILABLE`.
   */
  readonly verify: (token: Asked) => Verified | Promise<Verified>
  readonly status: () => readonly IntrospectionStatus[]
}

interface Asked {
  readonly token: string
  readonly digest: string
  readonly isJwt: boolean
}

/**
 * Opens the servers that are asked about tokens. A token is shown to them in their order until one calls it active: that one
 * decides. Where none does and one of them has not answered, nobody knows. Throws `CONFIG_INVALID`.
 */
export async function createIntrospection(
  options: readonly IntrospectionOptions[],
  tools: IntrospectionTools,
): Promise<Introspection> {
  const servers: IntrospectionServer[] = []
  for (const each of options) servers.push(await createIntrospectionServer(each, tools))
  const judgesOfJwt = servers.filter(({ jwtToo }) => jwtToo)
  return {
    judgesJwt: judgesOfJwt.length > 0,
    verify({ isJwt, ...asked }) {
      const judges = isJwt ? judgesOfJwt : servers
      // The first server is nearly always the only one.
      const known = judges[0]?.recall(asked.digest)
      return known?.kind === 'active' ? known.verified : verifyByAll(judges, asked)
    },
    status: () => servers.map((server) => server.status()),
  }
}

async function verifyByAll(
  judges: readonly IntrospectionServer[],
  { token, digest }: Omit<Asked, 'isJwt'>,
): Promise<Verified> {
  let outage: RegateError | undefined
  for (const judge of judges) {
    const answer = await judge.ask(token, digest)
    if (answer.kind === 'active') return answer.verified
    if (answer.kind === 'refused') throw toError(answer)
    if (answer.kind === 'unavailable') outage ??= toError(answer)
  }
  throw outage ?? new RegateError('TOKEN_UNKNOWN', 'no introspection server calls the token active')
}
