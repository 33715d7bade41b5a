import { randomUUID } from 'node:crypto'
import type { DemoToken } from '../config/find-demo-token.ts'
import type { TokenPlace } from '../config/parse-token-place.ts'
import type { AccessRequest, Credentials } from '../decision/access-request.ts'
import type { Decision } from '../decision/decision.ts'
import type { AppSummary, RunningApp } from '../app.ts'

/** A request to try by hand. */
export interface Sample {
  readonly title: string
  readonly host: string
  readonly path: string
  readonly credential?: SampleCredential | undefined
}

interface SampleCredential {
  /** As a person sends it. */
  readonly header: string
  readonly credentials: Credentials
}

interface Attempt {
  readonly host: string
  readonly path: string
  readonly credential: SampleCredential | undefined
  readonly decision: Decision
}

interface SampleOptions {
  readonly demo: DemoToken | undefined
  readonly from: readonly TokenPlace[]
}

/** More apps than these are not tried: a start must not wait for a welcome. */
const APP_LIMIT = 20

/** Asks the policies in service, so that each sample is what its title says; what they never answer has no sample. */
export async function findSamples(
  app: Pick<RunningApp, 'apps' | 'decide'>,
  { demo, from: [place] }: SampleOptions,
): Promise<readonly Sample[]> {
  const credential = demo === undefined || place === undefined ? undefined : toCredential(place, demo.token)
  const hosted = app
    .apps()
    .filter(({ hosts }) => hosts.length > 0)
    .slice(0, APP_LIMIT)
  const anonymous = await Promise.all(hosted.map((each) => attempt(app, each, undefined)))
  const known =
    credential === undefined ? [] : await Promise.all(hosted.map((each) => attempt(app, each, credential)))

  // The plainest answer is the easiest to read.
  const allowed = [...known, ...anonymous]
    .filter(({ decision }) => decision.kind === 'allowed')
    .toSorted((one, other) => countHeaders(one) - countHeaders(other))[0]
  const denied = known.find(({ decision }) => isDenied(decision, 403))
  const refused = anonymous.filter(({ decision }) => isDenied(decision, 401))
  const stranger = refused.find(({ host }) => host === allowed?.host) ?? refused[0]
  return [
    ...toSamples('allowed: 200, with the headers that the app receives', allowed),
    ...toSamples('denied: 403, the caller is known and may not', denied),
    ...toSamples('anonymous: 401', stranger),
  ]
}

function toSamples(title: string, found: Attempt | undefined): readonly Sample[] {
  if (found === undefined) return []
  const { host, path, credential } = found
  return [{ title, host, path, credential }]
}

function countHeaders({ decision, credential }: Attempt): number {
  // A known caller says more than an open door.
  return decision.kind === 'allowed' && credential !== undefined
    ? decision.headers.length
    : Number.MAX_SAFE_INTEGER
}

function isDenied(decision: Decision, status: number): boolean {
  return decision.kind === 'denied' && decision.status === status
}

async function attempt(
  { decide }: Pick<RunningApp, 'decide'>,
  { hosts, paths }: AppSummary,
  credential: SampleCredential | undefined,
): Promise<Attempt> {
  const host = (hosts[0] ?? '').replace(/^\*$/, 'www.example.com').replace(/^\*/, 'www')
  const path = paths[0] ?? '/'
  const decision = await decide(
    toRequest(host, path, credential?.credentials ?? { cookies: {}, headers: {} }),
  )
  return { host, path, credential, decision }
}

function toCredential(place: TokenPlace, token: string): SampleCredential {
  const none = { cookies: {}, headers: {} }
  switch (place.kind) {
    case 'authorization': {
      const authorization = `Bearer ${token}`
      return { header: `Authorization: ${authorization}`, credentials: { ...none, authorization } }
    }
    case 'cookie':
      return {
        header: `Cookie: ${place.name}=${token}`,
        credentials: { ...none, cookies: { [place.name]: [token] } },
      }
    case 'header':
      return {
        header: `${place.name}: ${token}`,
        credentials: { ...none, headers: { [place.name]: [token] } },
      }
    default:
      throw new TypeError(`no such place: ${String(place satisfies never)}`)
  }
}

function toRequest(host: string, path: string, credentials: Credentials): AccessRequest {
  return {
    id: randomUUID(),
    method: 'GET',
    scheme: 'https',
    host,
    port: 443,
    path,
    pathSegments: path.split('/').filter((segment) => segment !== ''),
    rawPath: path,
    pathForms: { emptySegments: false, encodedSlashes: false },
    query: {},
    headers: {},
    oddHeaderNames: [],
    preflight: false,
    websocket: false,
    credentials,
  }
}
