import type { Annotation } from '../catalog/annotation.ts'
import type { ModuleTree } from '../catalog/create-parser.ts'
import type { SourceFile } from '../catalog/source-file.ts'

/** An app as a review sees it. */
export interface ReviewedApp {
  readonly name: string
  readonly annotation: Annotation
  readonly files: readonly SourceFile[]
  /** The app's own files that parse, without those of `lib`. */
  readonly modules: readonly ReviewedModule[]
}

export interface ReviewedModule {
  readonly file: string
  readonly tree: ModuleTree
}
