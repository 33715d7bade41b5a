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

function toAuthentication({ jwt, keyFetch, ...settings }: Settings['authentication'], limits: TokenLimits) {
  const { timeout, cooldown, maxSize, maxAge } = keyFetch
  return {
    ...settings,
    jwt: jwt.map(toIssuer),
    limits,
    keyFetch: { timeoutMs: timeout, cooldownMs: cooldown, maxBytes: maxSize, maxAgeMs: maxAge },
  }
}

function toIssuer({ clockTolerance, keys, ...entry }: Settings['authentication']['jwt'][number]) {
  return { ...entry, keys: toKeys(keys), clockToleranceMs: clockTolerance }
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
