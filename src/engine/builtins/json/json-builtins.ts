import type { BuiltinTable } from '../builtin.ts'
import { jsonPatch } from './json-patch.ts'
import { marshalWithOptions } from './marshal-with-options.ts'
import { objectSubset } from './object-subset.ts'

export const jsonBuiltins: BuiltinTable = {
  'json.marshal_with_options': marshalWithOptions,
  'json.patch': jsonPatch,
  'object.subset': objectSubset,
}
