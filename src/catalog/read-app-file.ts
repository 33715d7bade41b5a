import { RegateError } from '../errors.ts'
import { NO_ANNOTATION } from './annotation.ts'
import { parseCustom } from './parse-annotation.ts'
import { parseYaml, type YamlNode } from './parse-yaml.ts'
import type { ReadAnnotation } from './read-annotation.ts'
import type { SourceFile } from './source-file.ts'

/**
 * Reads `app.yaml`, which says for a compiled app what `custom` says in an annotation. Without one the app is reachable by
 * its name only. Problems: `METADATA_INVALID`, `POLICY_EMPTY`.
 */
export function readAppFile(file: SourceFile | undefined): ReadAnnotation {
  if (file === undefined) return { annotation: NO_ANNOTATION, isUnread: false }
  try {
    const { annotation, problem } = parseCustom(parse(file), file.path)
    const isUnread = problem !== undefined
    return { annotation, isUnread, file: file.path, ...(isUnread ? { problem } : {}) }
  } catch (problem) {
    if (!(problem instanceof RegateError)) throw problem
    return { annotation: NO_ANNOTATION, isUnread: true, file: file.path, problem }
  }
}

function parse({ text, path }: SourceFile): YamlNode {
  const node = parseYaml({ text, file: path, code: 'METADATA_INVALID' })
  if (node !== undefined) return node
  throw new RegateError('POLICY_EMPTY', 'the file is empty', { location: { file: path, row: 1, column: 1 } })
}
