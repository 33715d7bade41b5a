import { isObject } from '../../values/value.ts'
import type { ObjectValue, Value } from '../../values/value.ts'
import type { Builtin } from '../builtin.ts'
import { writeJson } from '../bytes/write-json.ts'
import { indentJson } from './indent-json.ts'

interface Options {
  readonly pretty: boolean
  readonly prefix: string
  readonly indent: string
}

/**
 * JSON as Go writes it, spread over lines where an option asks for it: `{"pretty": boolean, "indent": string, "prefix":
 * string}`; an indent or a prefix alone asks too. Undefined for any other option. Source: OPA, v1/topdown/encoding.go.
 */
export const marshalWithOptions: Builtin = ([value = null, options = null]) => {
  const read = isObject(options) ? readOptions(options) : undefined
  const json = read && writeJson(value)
  if (read === undefined || json === undefined || !read.pretty) return json
  return read.prefix + indentJson(json, read.prefix, read.indent)
}

function readOptions({ entries }: ObjectValue): Options | undefined {
  const named = new Map<Value, Value>(entries)
  const { pretty, prefix, indent } = {
    pretty: named.get('pretty'),
    prefix: named.get('prefix'),
    indent: named.get('indent'),
  }
  const isKnown = entries.every(([key]) => key === 'pretty' || key === 'prefix' || key === 'indent')
  if (!isKnown || !isText(prefix) || !isText(indent)) return undefined
  if (pretty !== undefined && typeof pretty !== 'boolean') return undefined
  return {
    pretty: pretty ?? (prefix !== undefined || indent !== undefined),
    prefix: prefix ?? '',
    indent: indent ?? '\t',
  }
}

function isText(value: Value | undefined): value is string | undefined {
  return value === undefined || typeof value === 'string'
}
