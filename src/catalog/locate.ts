import type { SourceLocation } from '../errors.ts'

/** The row and column, both from 1, of an offset in a text. */
export function locate(text: string, offset: number, file: string): SourceLocation {
  const before = text.slice(0, offset)
  const row = before.split('\n').length
  return { file, row, column: offset - (before.lastIndexOf('\n') + 1) + 1 }
}
