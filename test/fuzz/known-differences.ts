import { isUtf8 } from 'node:buffer'
import { isIP } from 'node:net'
import { isNumber } from '../../src/engine/values/value.ts'
import type { Value } from '../../src/engine/values/value.ts'
import { writeValue } from '../../src/engine/values/write-value.ts'
import { TOKEN_TEXTS } from './texts.ts'

export type Fields = ReadonlyMap<Value, Value>

/**
 * Where we answer otherwise than `opa eval`: nearly always a builtin that the compiler links into every module, which no host
 * can mend. `SDK`: the SDK and our host differ on the same module.
 */
export interface KnownDifference {
  readonly name: string
  readonly policy: string
  readonly rules: readonly string[]
  /** Whether an input is such a one. */
  readonly holds: (fields: Fields) => boolean
}

const TIME_RULES = [
  'time.diff',
  'time.clock',
  'time.date',
  'time.weekday',
  'time.format zone',
  'time.format layout',
]

/** Found with OPA 1.22.2. Whatever none of these names is a disagreement. */
const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  {
    name: 'numbers past 53 bits, of more than 15 digits or with a large exponent',
    policy: 'native_values',
    rules: ['abs', 'ceil', 'floor', 'round', 'plus', 'minus', 'mul', 'div', 'rem', 'sum', 'product'],
    holds: (fields) => !['n', 'm', 'numbers'].every((name) => hasPlainNumbers(fields.get(name))),
  },
  {
    name: 'product and sum: opa reckons with doubles',
    policy: 'native_values',
    rules: ['product', 'sum'],
    holds: (fields) => /\.|\d{4}/.test(show(fields, 'numbers')),
  },
  {
    name: 'ceil and floor between -1 and 0: opa is wrong',
    policy: 'native_values',
    rules: ['ceil', 'floor'],
    holds: (fields) => fields.get('n') !== undefined && /^-0\.[0-9]*[1-9]/.test(show(fields, 'n')),
  },
  {
    name: 'base64 without padding, with odd characters, or of nothing',
    policy: 'native_text',
    rules: ['base64.decode', 'base64.is_valid', 'base64url.decode'],
    holds: (fields) =>
      !/^"(?!")(?:[A-Za-z0-9]{4})*(?:[A-Za-z0-9]{2}==|[A-Za-z0-9]{3}=)?"$/.test(show(fields, 'base64')),
  },
  {
    name: 'bytes that are no UTF-8: one U+FFFD for each to opa, one for a broken sequence here',
    policy: 'native_text',
    rules: ['base64.decode', 'base64url.decode'],
    holds: (fields) => !isUtf8(Buffer.from(show(fields, 'base64'), 'base64')),
  },
  {
    name: 'addresses of version 4 within version 6, and text that is no address: memory behind it is read',
    policy: 'native_text',
    rules: ['net.cidr_contains', 'net.cidr_intersects', 'SDK'],
    holds: (fields) => !['cidr', 'cidr2', 'address'].every((name) => isPlainAddress(fields.get(name))),
  },
  {
    name: 'json.unmarshal is lax',
    policy: 'native_json',
    rules: ['json.is_valid', 'json.unmarshal', 'ours failed', 'opa failed', 'undefined', 'SDK'],
    holds: (fields) => !isJson(fields.get('json')),
  },
  {
    name: 'to_number is lax',
    policy: 'native_number',
    rules: ['to_number', 'ours failed', 'opa failed', 'undefined', 'SDK'],
    holds: (fields) =>
      !/^"-?(?:0|[1-9]\d{0,14})(?:\.\d{1,8})?(?:[eE][+-]?\d\d?)?"$/.test(show(fields, 'number')),
  },
  {
    name: 'json.marshal neither sorts nor escapes',
    policy: 'native_text',
    rules: ['json.marshal'],
    holds: (fields) => /[<>&{\u2028\u2029]/.test(show(fields, 'x')),
  },
  {
    name: 'regex: any byte, NUL, names of scripts and of groups, and alternatives of nothing',
    policy: 'native_text',
    rules: ['regex.match', 'regex.is_valid', 'regex.find_all_string_submatch_n'],
    holds: (fields) => /\(\?<|\\[CpP]|\\u0000|\(\|/.test(show(fields, 'pattern')),
  },
  {
    name: 'regex.find_all_string_submatch_n of a negative number but -1 finds nothing',
    policy: 'native_text',
    rules: ['regex.find_all_string_submatch_n'],
    holds: (fields) => /^-(?!1$)/.test(show(fields, 'i')),
  },
  {
    name: 'glob: patterns that are none match nothing instead of being undefined, and not all is escaped',
    policy: 'native_text',
    rules: ['glob.match', 'glob.match slash'],
    holds: (fields) => /[[\]{}\\$^+()|]/.test(show(fields, 'glob')),
  },
  {
    name: 'glob: a line feed is matched by no wildcard',
    policy: 'native_text',
    rules: ['glob.match', 'glob.match slash'],
    holds: (fields) => (show(fields, 's') + show(fields, 'path')).includes('\\n'),
  },
  {
    name: 'indexof of nothing',
    policy: 'native_text',
    rules: ['indexof'],
    holds: (fields) => fields.get('t') === '',
  },
  {
    name: 'urlquery.decode_object: bytes that are no UTF-8',
    policy: 'text',
    rules: ['urlquery.decode_object'],
    holds: (fields) => /%[89a-f]/i.test(show(fields, 'query')),
  },
  {
    name: 'yaml: refused, because go-yaml may read it otherwise',
    policy: 'yaml',
    rules: ['ours failed'],
    holds: (fields) =>
      ['yaml', 'x', 's', 'object'].some((name) => /[\u2028\u2029]/.test(show(fields, name))) ||
      /["'[{].*(?:\\[nr]|\u0085|:[[\]{},]|\?)|(?:\\[nr]|\u0085)(?:[|>]|\ufeff| *\\t *#)|&\w+:|\\\\'/.test(
        show(fields, 'yaml').slice(1),
      ),
  },
  {
    name: 'yaml: tags of characters that stand in none',
    policy: 'yaml',
    rules: ['yaml.is_valid', 'yaml.unmarshal'],
    holds: (fields) => /!(?!!int \\")/.test(show(fields, 'yaml')),
  },
  {
    name: 'json.patch and schemas that refer to themselves: opa ends with a panic',
    policy: 'values',
    rules: ['opa failed'],
    holds: (fields) => fields.has('patches') || show(fields, 'schema').includes('$ref'),
  },
  {
    name: 'net.cidr_merge: opa leaves addresses of version 4 within version 6 apart',
    policy: 'values',
    rules: ['net.cidr_merge'],
    holds: (fields) => /ffff/i.test(['cidr', 'cidr2', 'address'].map((name) => show(fields, name)).join(' ')),
  },
  {
    name: 'sprintf: an address in memory',
    policy: 'text',
    rules: ['sprintf'],
    holds: (fields) => /%[^%]*p/.test(show(fields, 'format')),
  },
  {
    name: 'time: EST before 1908 depends on the edition of the zones',
    policy: 'time',
    rules: TIME_RULES,
    holds: (fields) =>
      fields.get('zone') === 'EST' && /-\d{19}/.test(show(fields, 'ns') + show(fields, 'ns2')),
  },
  {
    name: 'time: a zone may be a path to opa',
    policy: 'time',
    rules: TIME_RULES,
    holds: (fields) => /\.|\/\/|\/"$/.test(show(fields, 'zone')),
  },
  {
    name: 'private keys whose public part is that of another are taken as they are',
    policy: 'tokens',
    rules: ['crypto.parse_private_keys', 'crypto.x509.parse_rsa_private_key', 'crypto.x509.parse_keypair'],
    holds: (fields) =>
      show(fields, 'privatekey').includes('PRIVATE KEY') && !isWholeKey(fields.get('privatekey')),
  },
  ...['native_values', 'native_json'].map((policy) => ({
    name: 'the SDK reads keys with escapes by JSON.parse, which V8 gets wrong now and then (nodejs/node#63785)',
    policy,
    rules: ['SDK'],
    holds: (fields: Fields) => [...fields.values()].some((value) => writeValue(value).includes('\\')),
  })),
]

export function findKnownDifference(
  policy: string,
  rule: string,
  fields: Fields,
): KnownDifference | undefined {
  return KNOWN_DIFFERENCES.find(
    (known) => known.policy === policy && known.rules.includes(rule) && known.holds(fields),
  )
}

function show(fields: Fields, name: string): string {
  const value = fields.get(name)
  return value === undefined ? '' : writeValue(value)
}

function hasPlainNumbers(value: Value | undefined): boolean {
  if (value === undefined || value === null || typeof value !== 'object') return true
  if (isNumber(value)) return /^-?(?:\d{1,15}|(?=[\d.]{1,16}$)\d+\.\d+)(?:[eE]\+?\d)?$/.test(value.text)
  return !('kind' in value) && value.every(hasPlainNumbers)
}

function isPlainAddress(value: Value | undefined): boolean {
  if (typeof value !== 'string') return value === undefined
  const [address = '', bits = '0', ...rest] = value.split('/')
  return isIP(address) > 0 && !/ffff|%/i.test(address) && /^(?:0|[1-9]\d*)$/.test(bits) && rest.length === 0
}

function isJson(value: Value | undefined): boolean {
  if (typeof value !== 'string' || !value.isWellFormed() || /\\ud|1e400/i.test(value)) return false
  try {
    JSON.parse(value)
    return true
  } catch {
    return false
  }
}

function isWholeKey(value: Value | undefined): boolean {
  return typeof value === 'string' && TOKEN_TEXTS['privatekey']?.includes(value) === true
}
