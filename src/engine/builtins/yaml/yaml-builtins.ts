import type { BuiltinTable } from '../builtin.ts'
import { readYaml } from './read-yaml.ts'
import { writeYaml } from './write-yaml.ts'

/** Source: OPA, v1/topdown/encoding.go. */
export const yamlBuiltins: BuiltinTable = {
  'yaml.is_valid': ([text = null]) => typeof text === 'string' && readYaml(text) !== undefined,
  'yaml.marshal': ([value = null]) => writeYaml(value),
  'yaml.unmarshal': ([text = null]) => (typeof text === 'string' ? readYaml(text) : undefined),
}
