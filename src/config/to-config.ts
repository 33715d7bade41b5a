import type { Settings } from './config-schema.ts'

/**
 * What the program is told, complete and frozen deep. Times end in `Ms`, sizes in `Bytes`, paths are absolute
 * (`compiler.path` may be a bare name, to be looked up in `PATH`), header names in `authentication.from` are in lower case.
 */
export type Config = DeepReadonly<ReturnType<typeof toShape>>

type DeepReadonly<T> = T extends object ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> } : T

export function toConfig(settings: Settings): Config {
  return freezeDeep(toShape(settings))
}

function toShape({ compiler, limits, shutdown, ...settings }: Settings) {
  const { tokenBytes, claimCount, claimDepth } = limits
  const { evaluation, ...otherLimits } = limits
  const { timeout, memory, ...compilerPath } = compiler
  return {
    ...settings,
    authentication: toAuthentication(settings.authentication, { tokenBytes, claimCount, claimDepth }),
    compiler: { ...compilerPath, timeoutMs: timeout, memoryBytes: memory },
    limits: { ...otherLimits, evaluationMs: evaluation },
    shutdownMs: shutdown,
  }
}

interface TokenLimits {
  readonly tokenBytes: number
  readonly claimCount: number
  readonly claimDepth: number
}

function toAuthentication(
  { jwt, introspection, keyFetch, dpop, ...settings }: Settings['authentication'],
  limits: TokenLimits,
) {
  const { timeout, cooldown, maxSize, maxAge, maxStale } = keyFetch
  return {
    ...settings,
    jwt: jwt.map(toIssuer),
    introspection: introspection.map(toIntrospection),
    ...(dpop === undefined ? {} : { dpop: toProofs(dpop) }),
    limits,
    keyFetch: {
      timeoutMs: timeout,
      cooldownMs: cooldown,
      maxBytes: maxSize,
      maxAgeMs: maxAge,
      maxStaleMs: maxStale,
    },
  }
}

function toProofs({
  proofMaxAge,
  clockTolerance,
  ...settings
}: NonNullable<Settings['authentication']['dpop']>) {
  return { ...settings, maxAgeMs: proofMaxAge, clockToleranceMs: clockTolerance }
}

function toIssuer(settings: Settings['authentication']['jwt'][number]) {
  const { clockTolerance, keys, maxAge, maxSignInAge, accessTokensOnly, ...others } = settings
  const { requiredClaims, clients, senderConstrained, kinds, ...entry } = others
  return {
    ...entry,
    keys: toKeys(keys),
    clockToleranceMs: clockTolerance,
    ...(accessTokensOnly ? { accessTokensOnly } : {}),
    ...(maxAge === undefined ? {} : { maxAgeMs: maxAge }),
    ...(maxSignInAge === undefined ? {} : { maxSignInAgeMs: maxSignInAge }),
    ...toDemands({ requiredClaims, clients, senderConstrained, kinds }),
  }
}

type Server = Settings['authentication']['introspection'][number]

function toIntrospection(settings: Server) {
  const { issuer, url, clientId, audiences, audienceOptional, tokenTypes, claims, allowHttp, jwtToo } =
    settings
  return {
    ...(issuer === undefined ? {} : { issuer }),
    ...(url === undefined ? {} : { url }),
    clientId,
    client: toClientProof(settings),
    audiences,
    audienceOptional,
    tokenTypes: tokenTypes.map((name) => name.toLowerCase()),
    claims,
    ...toDemands(settings),
    clockToleranceMs: settings.clockTolerance,
    allowHttp,
    jwtToo,
    cacheMs: settings.cache,
    negativeCacheMs: settings.negativeCache,
    timeoutMs: settings.timeout,
  }
}

type ClientProof =
  | { readonly kind: 'secret'; readonly file: string; readonly place: 'header' | 'body' }
  | { readonly kind: 'key'; readonly file: string; readonly keyId?: string }
  | { readonly kind: 'certificate'; readonly file: string; readonly keyFile: string }

/** The schema has seen to it that there is exactly one. */
function toClientProof(server: Server): ClientProof {
  const { privateKeyFile, privateKeyId: keyId, certificateFile, certificateKeyFile } = server
  if (certificateFile !== undefined && certificateKeyFile !== undefined)
    return { kind: 'certificate', file: certificateFile, keyFile: certificateKeyFile }
  if (privateKeyFile !== undefined)
    return { kind: 'key', file: privateKeyFile, ...(keyId === undefined ? {} : { keyId }) }
  return { kind: 'secret', file: server.clientSecretFile ?? '', place: server.clientSecretIn }
}

interface Demands {
  readonly requiredClaims?: readonly string[] | undefined
  readonly clients?: readonly string[] | undefined
  readonly senderConstrained: boolean
  readonly kinds: readonly string[] | undefined
}

/** Without the members that say nothing. */
function toDemands({ requiredClaims, clients, senderConstrained, kinds }: Demands) {
  if (requiredClaims === undefined && clients === undefined && kinds === undefined && !senderConstrained)
    return {}
  return {
    demands: {
      ...(senderConstrained ? { senderConstrained } : {}),
      ...(kinds === undefined ? {} : { kinds }),
      ...(requiredClaims === undefined ? {} : { requiredClaims }),
      ...(clients === undefined ? {} : { clients }),
    },
  }
}

type Keys =
  | { readonly kind: 'discovery' }
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'file'; readonly path: string }

function toKeys({ url, file }: Settings['authentication']['jwt'][number]['keys']): Keys {
  if (url !== undefined) return { kind: 'url', url }
  return file === undefined ? { kind: 'discovery' } : { kind: 'file', path: file }
}

function freezeDeep<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  for (const child of Object.values(value)) freezeDeep(child)
  return Object.freeze(value)
}
