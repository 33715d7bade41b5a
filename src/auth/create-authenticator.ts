import { findForeign, ignore } from '../decision/accept-authentication.ts'
import type { AccessRequest } from '../decision/access-request.ts'
import type { Authentication, Rejected } from '../decision/authentication.ts'
import type { App } from '../decision/ports.ts'
import { ERROR_STATUS, RegateError } from '../errors.ts'
import type { AuthenticationOptions, AuthenticationPorts } from './authentication-options.ts'
import { createBasicVerifier } from './create-basic-verifier.ts'
import { createBearerVerifier } from './create-bearer-verifier.ts'
import { createImpersonator, type Impersonate } from './create-impersonator.ts'
import { createCredentialFinder } from './create-credential-finder.ts'
import { type FileStatus, type FollowedFile, createFollowedFile } from './create-followed-file.ts'
import { createIntrospection, type Introspection } from './create-introspection.ts'
import type { IntrospectionStatus } from './create-introspection-server.ts'
import { type Issuers, createIssuers } from './create-issuers.ts'
import { createKeyVerifier } from './create-key-verifier.ts'
import { createRecogniser } from './create-recogniser.ts'
import type { KeySourceStatus } from './key-set.ts'
import { type PasswordTable, parseHtpasswd } from './parse-htpasswd.ts'
import { type KeyTable, parseKeyTable } from './parse-key-table.ts'
import { type TokenTable, parseTokenTable } from './parse-token-table.ts'
import { parseRevocations, type Revocations } from './parse-revocations.ts'
import { parseUserTable } from './parse-user-table.ts'
import type { Profile } from './read-profile.ts'
import { refuseRevoked } from './refuse-revoked.ts'
import type { Identified, Verified } from './verified.ts'

export interface Authenticator {
  /**
   * Plain for callers known before, a promise where something has to be computed or fetched. Never throws for what a caller
   * sends. `app` is the one that is asked for; without it, credentials that are for certain apps are refused. A credential that
   * it is seen not to accept is not verified, and no server is asked about it: the caller is anonymous.
   */
  readonly authenticate: (
    request: Pick<AccessRequest, 'credentials' | 'clientIp'>,
    app?: Pick<App, 'name' | 'authentication'>,
  ) => Promise<Authentication> | Authentication
  /** Who the callers of request tables would be. */
  readonly impersonate: Impersonate
  readonly status: () => AuthenticationStatus
  /** Whether the keys of every issuer are there. */
  readonly hasKeys: () => boolean
  /** Stops every timer and fetch. */
  readonly close: () => void
}

export interface AuthenticationStatus {
  readonly issuers: readonly (KeySourceStatus & { readonly issuer: string })[]
  readonly introspection: readonly IntrospectionStatus[]
  readonly files: readonly FileStatus[]
}

const DEFAULT_FILE_CHECK_MS = 500

/**
 * Opens everything that callers can prove themselves with: files are read now and followed, key servers are asked in the
 * background. Throws `CONFIG_INVALID` when a file is broken or a setting unsafe; nothing stays open then.
 */
export async function createAuthenticator(
  options: AuthenticationOptions,
  ports: AuthenticationPorts,
): Promise<Authenticator> {
  const files: FollowedFile<unknown>[] = []
  try {
    return await open(options, ports, files)
  } catch (error) {
    for (const file of files) file.close()
    throw error
  }
}

async function open(
  options: AuthenticationOptions,
  ports: AuthenticationPorts,
  files: FollowedFile<unknown>[],
): Promise<Authenticator> {
  const checkMs = options.fileCheckMs ?? DEFAULT_FILE_CHECK_MS
  async function follow<T>(file: string, parse: (file: string, text: string) => T): Promise<FollowedFile<T>> {
    const onEvent = ports.onEvent
    const followed = await createFollowedFile({ file, parse: (text) => parse(file, text), checkMs, onEvent })
    files.push(followed)
    return followed
  }

  const tokens = options.tokens && (await follow(options.tokens.file, parseTokenTable))
  const apiKeys = options.apiKeys && (await follow(options.apiKeys.file, parseKeyTable))
  const passwords = options.basic && (await follow(options.basic.htpasswd, parseHtpasswd))
  const users =
    options.basic?.users === undefined ? undefined : await follow(options.basic.users, parseUserTable)
  const revocations = options.revocations && (await follow(options.revocations.file, parseRevocations))
  const servers = options.introspection ?? []
  const introspection =
    servers.length === 0 ? undefined : await createIntrospection(servers, { ...options, ports, follow })
  const issuers = await createIssuers({ jwt: options.jwt, keyFetch: options.keyFetch, checkMs }, ports)
  return {
    authenticate: createAuthenticate({
      options,
      ports,
      tokens,
      apiKeys,
      passwords,
      users,
      revocations,
      introspection,
      issuers,
    }),
    impersonate: createImpersonator({ ...options, tokens: () => tokens?.current() }),
    status: () => ({
      issuers: statusOf(issuers),
      introspection: introspection?.status() ?? [],
      files: files.map((file) => file.status()),
    }),
    hasKeys: () => [...issuers.values()].every(({ keys }) => keys.current() !== undefined),
    close() {
      for (const file of files) file.close()
      for (const { keys } of issuers.values()) keys.close()
    },
  }
}

interface Opened {
  readonly options: AuthenticationOptions
  readonly ports: AuthenticationPorts
  readonly tokens: FollowedFile<TokenTable> | undefined
  readonly apiKeys: FollowedFile<KeyTable> | undefined
  readonly passwords: FollowedFile<PasswordTable> | undefined
  readonly users: FollowedFile<ReadonlyMap<string, Profile>> | undefined
  readonly revocations: FollowedFile<Revocations> | undefined
  readonly introspection: Introspection | undefined
  readonly issuers: Issuers
}

function createAuthenticate({
  options,
  ports: { now, onPassed },
  tokens,
  apiKeys,
  passwords,
  users,
  revocations,
  introspection,
  issuers,
}: Opened): Authenticator['authenticate'] {
  const verifyKey = apiKeys && createKeyVerifier({ keys: apiKeys, now })
  const bearer = createBearerVerifier({
    issuers,
    tokens,
    verifyKey,
    introspection,
    limits: options.limits,
    now,
    onPassed,
  })
  const basic = passwords && createBasicVerifier({ passwords, users }, now)
  const find = createCredentialFinder(options.from, {
    bearer: issuers.size > 0 || [tokens, apiKeys, introspection].some((method) => method !== undefined),
    keyHeader: options.apiKeys?.header,
    basic: basic !== undefined,
  })
  const judge = createJudge(revocations)
  const recognise = createRecogniser({
    issuers,
    tokens,
    takesKeys: verifyKey !== undefined,
    introspection,
    limits: options.limits,
  })
  return ({ credentials, clientIp }, app) => {
    const credential = find(credentials)
    if (credential !== undefined && app?.authentication !== undefined) {
      const foreign = findForeign(recognise(credential), app.authentication)
      if (foreign !== undefined) return ignore(foreign)
    }
    switch (credential?.kind) {
      case undefined:
        return ANONYMOUS
      case 'bearer':
        return judge(() => bearer(credential.token, app?.name), credential.lenient ? LENIENT : BEARER)
      case 'key':
        return verifyKey ? judge(() => verifyKey(credential.key, app?.name), BEARER) : ANONYMOUS
      case 'basic':
        return basic ? judge(() => basic(credential.encoded, clientIp), BASIC) : ANONYMOUS
      case 'ambiguous':
        return judge(() => refuseAmbiguous(credential.place), credential.lenient ? LENIENT : BEARER)
      default:
        return credential satisfies never
    }
  }
}

interface Manner {
  readonly scheme: Rejected['scheme']
  /** What does not hold counts as absent. */
  readonly lenient: boolean
}

const BEARER: Manner = { scheme: 'Bearer', lenient: false }
const LENIENT: Manner = { scheme: 'Bearer', lenient: true }
const BASIC: Manner = { scheme: 'Basic', lenient: false }
const ANONYMOUS: Authentication = Object.freeze({ kind: 'anonymous' })

type Judge = (
  verify: () => Verified | Promise<Verified>,
  manner: Manner,
) => Authentication | Promise<Authentication>

/** The one way to an identity: whatever the method, and be it known from before, the deny-list of this moment is asked. */
function createJudge(revocations: FollowedFile<Revocations> | undefined): Judge {
  function accept(verified: Verified): Identified {
    if (revocations) refuseRevoked(verified, revocations.current())
    return verified.answer
  }
  return (verify, manner) => {
    try {
      const verified = verify()
      if (!(verified instanceof Promise)) return accept(verified)
      return verified.then(accept).catch((error: unknown) => toFailure(error, manner))
    } catch (error) {
      return toFailure(error, manner)
    }
  }
}

/** A failure on our side is never taken for an absent credential. */
function toFailure(error: unknown, { scheme, lenient }: Manner): Authentication {
  if (!(error instanceof RegateError)) throw error
  if (lenient && (ERROR_STATUS[error.code] ?? 500) < 500) return ANONYMOUS
  return { kind: 'rejected', code: error.code, scheme, detail: error.message }
}

function refuseAmbiguous(place: string): never {
  throw new RegateError('TOKEN_MALFORMED', `several values in ${place}`)
}

function statusOf(issuers: Issuers): AuthenticationStatus['issuers'] {
  return [...issuers].map(([issuer, { keys }]) => ({ issuer, ...keys.status() }))
}
