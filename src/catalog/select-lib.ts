import type { SourceFile } from './source-file.ts'

/**
 * The files of `lib` that an app needs, directly and through other files of `lib`; in the order of `lib`. Read from the
 * text, so that an app which is in the cache needs no compiler: a file too many does no harm, and one too few is noticed
 * when the sources are compiled.
 */
export function selectLib<T extends SourceFile>(
  files: readonly SourceFile[],
  lib: readonly T[],
): readonly T[] {
  const needed = new Set<T>()
  let unread = files
  while (unread.length > 0) {
    const mentions = unread.flatMap(({ text }) => mentionedPaths(text))
    const found = mentions.flatMap((names) => libFilesUnder(names, lib)).filter((file) => !needed.has(file))
    for (const file of found) needed.add(file)
    unread = found
  }
  return lib.filter((file) => needed.has(file))
}

/** The files whose package holds, or lies below, a path such as `['lib', 'geo', 'in_office']`. */
export function libFilesUnder<T extends SourceFile>(
  names: readonly string[],
  lib: readonly T[],
): readonly T[] {
  return lib.filter(({ text }) => {
    const declared = declaredPackage(text)
    const shared = Math.min(declared.length, names.length)
    return declared.slice(0, shared).every((name, index) => name === names[index])
  })
}

const EVERYTHING: readonly string[] = ['lib']

/** Where the word `lib` stands in no form that is understood, it may mean anything. */
function mentionedPaths(text: string): readonly (readonly string[])[] {
  const paths = [...text.matchAll(/\bdata\s*\.\s*(lib(?:\s*\.\s*[A-Za-z_]\w*)*)/gu)].map(([, path = '']) =>
    path.split('.').map((name) => name.trim()),
  )
  const rest = text.replaceAll(/\bdata\s*\.\s*lib\b|^[ \t]*package[ \t]+lib\b/gmu, '')
  return /\blib\b/u.test(rest) ? [...paths, EVERYTHING] : paths
}

/** A declaration in another form than the plain one is treated as that of `lib` itself, which every mention needs. */
function declaredPackage(text: string): readonly string[] {
  const declared = /^[ \t]*package[ \t]+(lib(?:\.[A-Za-z_]\w*)*)[ \t]*(?:#.*)?\r?$/mu.exec(text)
  return declared?.[1]?.split('.') ?? EVERYTHING
}
