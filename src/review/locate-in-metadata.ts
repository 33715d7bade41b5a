import type { SourceLocation } from '../errors.ts'
import type { ReviewedApp } from './reviewed-app.ts'

/** Where an app's METADATA names a host or a path; the beginning of its first file where that cannot be told. */
export function locateInMetadata(
  { name, files }: Pick<ReviewedApp, 'name' | 'files'>,
  word: string,
): SourceLocation {
  for (const { path, text } of files) {
    for (const [index, line] of text.split('\n').entries()) {
      const column = line.startsWith('#') ? findWord(line, word) : 0
      if (column > 0) return { file: path, row: index + 1, column }
    }
  }
  return { file: files[0]?.path ?? name, row: 1, column: 1 }
}

/** From 1; 0 where it does not stand alone. */
function findWord(line: string, word: string): number {
  for (let at = line.indexOf(word); at !== -1; at = line.indexOf(word, at + 1)) {
    if (isGap(line[at - 1]) && isGap(line[at + word.length])) return at + 1
  }
  return 0
}

function isGap(character: string | undefined): boolean {
  return character === undefined || /[\s"'[\],]/u.test(character)
}
