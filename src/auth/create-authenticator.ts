import type { AuthenticationOptions, AuthenticationPorts } from './authentication-options.ts'
import { type Authenticate, createAuthenticate, type Opened } from './create-authenticate.ts'
import { createImpersonator, type Impersonate } from './create-impersonator.ts'
import { type FileStatus, type FollowedFile, createFollowedFile } from './create-followed-file.ts'
import { createIntrospection } from './create-introspection.ts'
import type { IntrospectionStatus } from './create-introspection-server.ts'
import { type Issuers, createIssuers } from './create-issuers.ts'
import type { KeySourceStatus } from './key-set.ts'
import { parseAuthorities } from './parse-authorities.ts'
import { parseHtpasswd } from './parse-htpasswd.ts'
import { parseKeyTable } from './parse-key-table.ts'
import { parseNonceSecret } from './parse-nonce-secret.ts'
import { parseRevocationLists } from './parse-revocation-lists.ts'
import { parseTokenTable } from './parse-token-table.ts'
import { parseRevocations } from './parse-revocations.ts'
import { parseUserTable } from './parse-user-table.ts'

export interface Authenticator {
  readonly authenticate: Authenticate
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
  type Parse<T> = (file: string, text: string) => T
  async function follow<T>(file: string, parse: Parse<T>, ifEmpty?: string): Promise<FollowedFile<T>> {
    const onEvent = ports.onEvent
    const toContent = (text: string) => parse(file, text)
    const followed = await createFollowedFile({ file, parse: toContent, ifEmpty, checkMs, onEvent })
    files.push(followed)
    return followed
  }
  async function followIfNamed<T>(file: string | undefined, parse: Parse<T>, ifEmpty?: string) {
    return file === undefined ? undefined : follow(file, parse, ifEmpty)
  }

  const servers = options.introspection ?? []
  const { basic, certificates } = options
  const opened: Opened = {
    tokens: await followIfNamed(options.tokens?.file, parseTokenTable),
    apiKeys: await followIfNamed(options.apiKeys?.file, parseKeyTable),
    passwords: await followIfNamed(basic?.htpasswd, parseHtpasswd),
    users: await followIfNamed(basic?.users, parseUserTable),
    authorities: await followIfNamed(certificates?.ca, parseAuthorities),
    revocationLists: await followIfNamed(certificates?.crl, parseRevocationLists),
    holders: await followIfNamed(certificates?.users, parseUserTable),
    nonceSecret: await followIfNamed(options.dpop?.nonceSecretFile, parseNonceSecret),
    revocations: await followIfNamed(
      options.revocations?.file,
      parseRevocations,
      'write [] for an empty list',
    ),
    introspection:
      servers.length === 0 ? undefined : await createIntrospection(servers, { ...options, ports, follow }),
    issuers: await createIssuers({ jwt: options.jwt, keyFetch: options.keyFetch, checkMs }, ports),
  }
  const { tokens, introspection, issuers } = opened
  return {
    authenticate: createAuthenticate(opened, options, ports),
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

function statusOf(issuers: Issuers): AuthenticationStatus['issuers'] {
  return [...issuers].map(([issuer, { keys }]) => ({ issuer, ...keys.status() }))
}
