import type { App } from '../decision/ports.ts'
import type { RegateError } from '../errors.ts'
import type { Annotation } from './annotation.ts'
import type { BuiltApp } from './build-app.ts'

/** An app as a generation holds it. */
export interface AppRecord {
  readonly name: string
  /** Of the version in service; where there never was one, of what could be read. */
  readonly annotation: Annotation
  readonly app: App
  readonly claims: readonly Claim[]
  /** What it guards is not known, neither from its files nor from before. */
  readonly isUnread: boolean
  /** The file that claims them. */
  readonly file: string
  readonly version?: AppVersion
  /** The hash of what the folder holds. */
  readonly diskHash: string
  /** Why the folder's version is not the one in service. */
  readonly problem?: RegateError
  /** From the look that saw the folder's version to the end of its build. */
  readonly durationMs: number
}

export interface AppVersion {
  readonly built: BuiltApp
  /** In milliseconds since the epoch. */
  readonly activatedAtMs: number
}

/** A host and path that an app wants for itself. */
export interface Claim {
  readonly host: string
  readonly path: readonly string[]
  /** Equal claims have equal keys. */
  readonly key: string
}

/** What decides which requests an app guards. */
export type AppRouting = Pick<Annotation, 'hosts' | 'paths'>

export function toClaims({ hosts, paths }: AppRouting): readonly Claim[] {
  return hosts.flatMap((host) => paths.map((path) => ({ host, path, key: `${host}/${path.join('/')}` })))
}
