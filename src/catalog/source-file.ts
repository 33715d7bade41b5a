/** A file as it was read: `path` is relative to the policies folder, with `/` between its parts. */
export interface SourceFile {
  readonly path: string
  readonly text: string
}
