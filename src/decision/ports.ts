import type { AccessRequest } from './access-request.ts'
import type { Authentication } from './authentication.ts'
import type { AuthenticationMethod } from './identity.ts'
import type { Challenge } from './verdict.ts'

/** What `authorize` needs of the other rooms; they implement it, `app.ts` joins them. */
export interface AuthorizePorts {
  /** The generation now in service. Called once a request. */
  readonly currentGeneration: () => Generation
  /** The app is the one that will judge: a credential may be good for some apps only. */
  readonly authenticate: (request: AccessRequest, app: App) => Promise<Authentication> | Authentication
}

/** An immutable set of apps and the routing among them. */
export interface Generation {
  /** The app that guards this host and path: exact host, then the longest wildcard, then `*`; then the longest prefix by whole segments. */
  readonly find: (host: string, pathSegments: readonly string[]) => App | undefined
  readonly byName: (name: string) => App | undefined
  /** Lower-case names that some app can emit. The identity headers are not among them. */
  readonly emittableNames: ReadonlySet<string>
  /** Time at which this generation was put in service, in milliseconds since the epoch. */
  readonly activatedAtMs: number
}

export interface App {
  readonly name: string
  /** Empty: reachable by name only. */
  readonly hosts: readonly string[]
  /** Whether the app lists this host and path; true where it lists no hosts. */
  readonly covers: (host: string, pathSegments: readonly string[]) => boolean
  readonly admits: { readonly emptySegments: boolean; readonly encodedSlashes: boolean }
  /** Absent: every credential counts that holds. */
  readonly authentication?: AppAuthentication
  /** Lower-case names that this app can emit: no other leaves it. */
  readonly emittableNames: ReadonlySet<string>
  /** Those of them of which the policy does not see the request's own. Default: all. */
  readonly hiddenNames?: ReadonlySet<string>
  /** Parts of the input that the policy can read, such as `request.path` or `identity`; `*` or undefined: all. */
  readonly inputPaths?: ReadonlySet<string>
  /** Absent while the app has never had a good version. */
  readonly evaluate?: Evaluate
}

/** Which of the credentials that hold count for one app, and how it asks for them. A list that is absent restricts nothing. */
export interface AppAuthentication {
  readonly methods?: readonly AuthenticationMethod[]
  /** Of tokens that have an issuer; compared as exact strings. With these or `audiences` alone, no other method counts. */
  readonly issuers?: readonly string[]
  /** One of them must be among the token's. */
  readonly audiences?: readonly string[]
  /** The caller must have all of them. */
  readonly scopes?: readonly string[]
  /** Takes the place of the configured one in challenges. */
  readonly realm?: string
  /** What callers without a credential that counts are asked for, unless the policy says otherwise. */
  readonly challenge?: Challenge
  /** An invalid credential in a header counts as absent. */
  readonly ignoresInvalid: boolean
}

/**
 * Evaluates the app's verdict on a policy input: a plain object of JSON values with well-formed strings, or its JSON text.
 * Returns what the policy made, unchecked, or a promise of it where the app is evaluated beside the main thread.
 * `onPrint` is told what the policy prints, at most 100 texts and 16 KiB and then that more was cut, also where the evaluation
 * fails; it changes no result. Throws, or rejects with, `RegateError('EVALUATION_FAILED')`.
 */
export type Evaluate = (input: object | string, onPrint?: (text: string) => void) => unknown
