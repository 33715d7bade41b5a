import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual, promisify } from 'node:util'
import { afterAll, expect, it } from 'vitest'
import { readData } from '../../src/catalog/read-data.ts'
import { checkNumbers } from '../../src/engine/check-numbers.ts'
import { RegateError } from '../../src/errors.ts'
import { WITHOUT_COLLECTION } from './builtins/ask-opa.ts'
import { findTestCompiler, openCompilerBed } from './compiler-bed.ts'

/** What a policy does with a value of any kind, as Rego with `x` for it. */
const OF_VALUES: readonly string[] = [
  'x',
  'x == x',
  'x in [x]',
  'x == 9007199254740993',
  'x < 9007199254740993',
  'count(x)',
  'type_name(x)',
  'json.unmarshal(json.marshal(x))',
  'json.marshal_with_options(x, {"indent": ""})',
  'yaml.unmarshal(yaml.marshal(x))',
  'sprintf("%v %d %s", [x, x, x])',
  'object.get(x, "__proto__", "none")',
  'object.subset(x, x)',
  'json.patch({"a": x}, [{"op": "copy", "from": "a", "path": "b"}]).b',
  'json.match_schema({"a": x}, {"properties": {"a": {"type": "string"}}})[0]',
  'io.jwt.decode(io.jwt.encode_sign({"alg": "HS256"}, {"a": x}, {"kty": "oct", "k": "c2VjcmV0"}))[1].a',
  'strings.render_template("{{.x}}", {"x": x})',
  'urlquery.encode_object({"a": x})',
  'graph.reachable_paths({"a": x}, ["a"])',
]

const OF_TEXTS: readonly string[] = [
  'regex.replace(x, "[aé]+", "$0-")',
  'count(regex.find_n("[b-zé]", x, -1))',
  'count(regex.split("é+", x))',
  'regex.match("^(a|b)*$", x)',
  'base64.decode(base64.encode(x))',
  'base64url.decode(base64url.encode_no_pad(x))',
  'hex.decode(hex.encode(x))',
  'urlquery.decode(urlquery.encode(x))',
  'urlquery.decode_object(x)',
  'uri.is_valid(x)',
  'crypto.sha256(x)',
  'crypto.hmac.sha256(x, x)',
  'count(indexof_n(x, "é"))',
  'strings.count(x, "")',
  'count(strings.split_n(x, "é", -1))',
  'strings.any_suffix_match([x], [x])',
  'concat(x, ["a", "b"])',
  'upper(x)',
  'strings.reverse(x)',
  'substring(x, 1, -1)',
  'trim(x, "a")',
  'indexof(x, "z")',
  'glob.match("*", [], x)',
  'glob.quote_meta(x) == x',
  'sprintf("%10s|%q|%x", [x, x, x])',
  'semver.is_valid(x)',
  'units.parse(x)',
  'units.parse_bytes(x)',
  'time.parse_duration_ns(x)',
  'time.parse_rfc3339_ns(x)',
  'net.cidr_is_valid(x)',
  'uuid.parse(x)',
  'io.jwt.decode(x)',
  'yaml.is_valid(x)',
  'crypto.x509.parse_certificates(x)',
]

/** What reads a document out of a text. */
const OF_DOCUMENTS: readonly string[] = [
  'json.unmarshal(x)',
  'yaml.unmarshal(x)',
  'json.verify_schema(x)[0]',
  'json.match_schema("{}", x)[0]',
  'json.match_schema(x, "{}")[0]',
  'io.jwt.decode(concat(".", ["eyJhbGciOiJIUzI1NiJ9", base64url.encode_no_pad(x), "YQ"]))[1]',
  'io.jwt.decode(concat(".", [base64url.encode_no_pad(x), "e30", "YQ"]))[0]',
]

const nest = (open: string, inner: string, close: string, depth: number) =>
  open.repeat(depth) + inner + close.repeat(depth)

/** JSON. */
const VALUES: Readonly<Record<string, string>> = {
  'keys of JavaScript':
    '{"__proto__":{"a":1},"constructor":{"prototype":2},"toString":null,"hasOwnProperty":[]}',
  'keys twice': '{"a":1,"b":{"c":1,"c":2},"a":[2]}',
  'an empty key': '{"":{"":0}}',
  'keys of one look': '{"é":1,"é":2}',
  'keys that sort by code point': '{"ﬀ":1,"😀":2,"a":3}',
  '2^53 - 1': '9007199254740991',
  '2^53': '9007199254740992',
  '2^53 + 1': '9007199254740993',
  '-(2^53 + 1)': '-9007199254740993',
  'twins as doubles': '[9007199254740992,9007199254740993]',
  '2^64': '18446744073709551616',
  '-0': '-0',
  '1e400': '1e400',
  '-1e400': '-1e400',
  '1e-400': '1e-400',
  '30 digits': '0.123456789012345678901234567890',
  '1.0': '[1,1.0,1e0,10e-1]',
  NUL: '"a\\u0000b"',
  'depth 300': nest('[', '1', ']', 300),
  'depth 300 of objects': nest('{"a":', '1', '}', 300),
  'depth 2,000': nest('[', '', ']', 2000),
}

const MEGABYTE = 1_000_000
const SHORT_TEXTS: Readonly<Record<string, string>> = {
  nothing: '',
  'halves of a pair, as they arrive': '\ufffd\ufffd',
  'line ends': '\r\n\u0085\u2028\u2029\ufeff',
  digits: '9'.repeat(20_000),
  NaN: 'NaN',
  Infinity: '-Infinity',
  '1e400': '1e400',
}

const LONG_TEXT = { 'a megabyte': `${'a'.repeat(MEGABYTE / 2)}${'"\\😀é'.repeat(MEGABYTE / 20)}` }

const DOCUMENTS: readonly string[] = [
  ...Object.values(VALUES),
  'NaN',
  'Infinity',
  '.nan',
  '-.inf',
  '"\\ud800"',
  '{"\\udc00":"a\\ud83d"}',
  '{"a":NaN}',
  '{"a":1e400}',
  '{"a":9007199254740993,"a":9007199254740992}',
  '{"a":-0,"é":"\\u0000"}',
  nest('[', '', ']', 9_000),
  nest('[', '', ']', 10_001),
  nest('[', '', '', 50_000),
  `["${'a'.repeat(MEGABYTE)}"]`,
  `{"${'\\\\'.repeat(MEGABYTE / 2)}":1}`,
]

/** Where the module's own code answers otherwise, which no host can mend; and a number that is the same to Rego. */
const KNOWN: ReadonlySet<string> = new Set([
  'base64.decode(base64.encode(x)): nothing',
  'base64url.decode(base64url.encode_no_pad(x)): nothing',
  'data.grafana.values[x]: -0',
])

interface Case {
  readonly title: string
  readonly rule: string
  /** JSON. */
  readonly x: string
}

/** As tables: `x` is the name of the value. */
const OF_DATA = 'data.grafana.values[x]'

const CASES: readonly Case[] = [
  ...combine(
    [OF_DATA],
    Object.keys(VALUES).map((name) => [name, JSON.stringify(name)]),
  ),
  ...combine(OF_VALUES, Object.entries({ ...VALUES, ...toJson(SHORT_TEXTS) })),
  ...combine(OF_TEXTS, Object.entries(toJson({ ...SHORT_TEXTS, ...LONG_TEXT }))),
  ...combine(
    OF_DOCUMENTS,
    DOCUMENTS.map((text) => [text.slice(0, 40), JSON.stringify(text)]),
  ),
]

function combine(rules: readonly string[], values: readonly (readonly [string, string])[]): readonly Case[] {
  return rules.flatMap((rule) => values.map(([name, x]) => ({ title: `${rule}: ${name}`, rule, x })))
}

function toJson(texts: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, JSON.stringify(text)]))
}

const RULES = [...new Set(CASES.map(({ rule }) => rule))]
const POLICY = `package grafana

x := input.identity.claims.x

shown(value) := value if count(json.marshal(value)) < 1000

else := crypto.sha256(json.marshal(value))

${RULES.map((rule, index) => `message := shown(${rule}) if input.identity.claims.rule == ${index}`).join('\n\n')}
`

const toInput = ({ rule, x }: Case) => `{"identity":{"claims":{"rule":${RULES.indexOf(rule)},"x":${x}}}}`

const bed = await openCompilerBed()
const folder = await mkdtemp(join(tmpdir(), 'regate-hostile-'))
afterAll(() => rm(folder, { recursive: true, force: true }))
const wanted = await askOpa(CASES.map(toInput))
const module = await bed.load(POLICY)
const { evaluate } = module.createEvaluator({ data: {} })

/** What `opa eval` makes of each input, by its place; undefined has none. */
async function askOpa(inputs: readonly string[]): Promise<ReadonlyMap<unknown, unknown>> {
  const { path } = await findTestCompiler()
  const policy = join(folder, 'policy.rego')
  const table = join(folder, 'data.json')
  await writeFile(policy, POLICY)
  await writeFile(table, `{"grafana":{"values":{${Object.entries(VALUES).map(toMember).join(',')}}}}`)
  const query = '[[i, v] | some i, doc in input; v := data.grafana.message with input as doc]'
  const words = ['eval', '--format', 'json', '--data', policy, '--data', table, '--stdin-input', query]
  const running = promisify(execFile)(path, words, { maxBuffer: 2 ** 30, env: WITHOUT_COLLECTION })
  running.child.stdin?.end(`[${inputs.join(',')}]`)
  const { result } = JSON.parse((await running).stdout)
  return new Map(result[0].expressions[0].value)
}

function toMember([name, json]: readonly [string, string]): string {
  return `${JSON.stringify(name)}:${json}`
}

it.each(RULES)('gives the answer of OPA or a coded error, and serves the next request: %s', (rule) => {
  const differing = CASES.filter((one) => one.rule === rule).filter((one) => {
    const want = wanted.get(CASES.indexOf(one))
    return !isAllowed(one, want) && !KNOWN.has(one.title)
  })
  expect(differing.map(({ title }) => title)).toEqual([])
})

function isAllowed(one: Case, want: unknown): boolean {
  try {
    const got = (one.rule === OF_DATA ? evaluateWithTable(one) : evaluate)(toInput(one))
    const message = typeof got === 'object' && got !== null && 'message' in got ? got.message : undefined
    return isDeepStrictEqual(message, want) && checkNumbers(want)
  } catch (error) {
    return error instanceof RegateError && CODES.has(error.code) && isAlive()
  }
}

const CODES: ReadonlySet<string> = new Set(['EVALUATION_FAILED', 'DATA_INVALID'])

/** Read from a file and handed over as the product does. */
function evaluateWithTable({ x }: Case): typeof evaluate {
  const name: unknown = JSON.parse(x)
  const member = toMember([String(name), VALUES[String(name)] ?? ''])
  const values = readData({ path: 'data.json', text: `{"values":{${member}}}` }, new Set())
  return module.createEvaluator({ data: { grafana: values } }).evaluate
}

function isAlive(): boolean {
  const probe = { title: 'alive', rule: 'type_name(x)', x: '[1]' }
  return isDeepStrictEqual(evaluate(toInput(probe)), { message: 'array' })
}

it.each([
  ['a list', '[', ']'],
  ['an object', '{"a":', '}'],
])('fails on %s of depth 10,000 and more, and serves the next request', (_, open, close) => {
  for (const depth of [10_000, 100_000]) {
    const x = nest(open, '1', close, depth)
    expect(() => evaluate(toInput({ title: '', rule: 'x', x }))).toThrow(RegateError)
    expect(isAlive()).toBe(true)
  }
})

it.each([
  String.raw`"\ud800"`,
  String.raw`"\uDFFF"`,
  String.raw`{"\uD83D":1}`,
  '"\ud83d"',
  String.raw`"\\\udc00"`,
])('refuses half of a surrogate pair in the text of an input: %j', (x) => {
  expect(() => evaluate(toInput({ title: '', rule: 'x', x }))).toThrow(/well-formed/)
})
