import { parseDocument } from 'yaml'
import { RegateError } from '../../errors.ts'

/** The value of one YAML document. Throws `CONFIG_INVALID` with the name of the file. */
export function readYaml(text: string, file: string): unknown {
  const document = parseDocument(text, { logLevel: 'silent' })
  const [problem] = document.errors
  if (problem === undefined) return document.toJS({ maxAliasCount: 100 })
  throw new RegateError('CONFIG_INVALID', `${file}: is no YAML: ${problem.message}`, { cause: problem })
}
