import type { RegateError } from '../errors.ts'
import type { SourceFile } from './source-file.ts'

/** What the policies folder held at one look. */
export interface FolderScan {
  readonly apps: ReadonlyMap<string, AppSource>
  readonly lib: SourceSet
  /** The names of the folders, those of apps and others. */
  readonly folders: ReadonlySet<string>
  /** Paths of what looks meant for Regate and is not used, with the reason. */
  readonly unused: ReadonlyMap<string, string>
}

export interface SourceSet {
  /** Rego files without tests, by path. */
  readonly files: readonly ScannedFile[]
  /** Rego files whose names end in `_test.rego`, by path. */
  readonly tests: readonly ScannedFile[]
  /** Why the set cannot be trusted to be complete or meant as it is. */
  readonly problem?: RegateError
}

export interface AppSource extends SourceSet {
  readonly name: string
  /** `data.json`, `data.yaml`, `data.yml`: more than one is a problem. */
  readonly tables: readonly ScannedFile[]
  /** `policy.wasm` and `bundle.tar.gz`, in place of Rego files: more than one is a problem. */
  readonly compiled: readonly ScannedModule[]
  /** `app.yaml`, which goes with a compiled policy. */
  readonly appFiles: readonly ScannedFile[]
  /** `requests.yaml` and `requests.yml`: more than one is a problem. */
  readonly requests: readonly ScannedFile[]
}

export interface ScannedFile extends SourceFile {
  /** When the file last changed, in milliseconds since the epoch. */
  readonly changedAtMs: number
  /** SHA-256 of the content, hexadecimal. */
  readonly hash: string
}

export interface ScannedModule {
  readonly path: string
  readonly bytes: Uint8Array
  readonly changedAtMs: number
  /** SHA-256 of the content, hexadecimal. */
  readonly hash: string
}

export type FoundFile = ScannedFile | ScannedModule

export function isText(file: FoundFile): file is ScannedFile {
  return 'text' in file
}

export function isModule(file: FoundFile): file is ScannedModule {
  return 'bytes' in file
}
