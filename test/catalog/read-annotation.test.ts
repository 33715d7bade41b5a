import { describe, expect, it } from 'vitest'
import { readAnnotation } from '../../src/catalog/read-annotation.ts'

const file = (text: string, path = 'grafana/policy.rego') => ({ path, text })
const annotated = (yaml: string, rest = 'package grafana\n') =>
  file(`# METADATA\n${yaml.replaceAll(/^/gm, '# ')}\n${rest}`)
const read = (...files: { path: string; text: string }[]) => readAnnotation('grafana', files)

function problemOf(...files: { path: string; text: string }[]) {
  const { problem } = read(...files)
  const { row, column } = problem?.location ?? {}
  return { code: problem?.code, message: problem?.message, row, column, file: problem?.location?.file }
}

describe('an annotation that is well', () => {
  it('gives title, hosts, paths, headers and opt-ins', () => {
    const { annotation, problem } = read(
      annotated(`title: Grafana
custom:
  hosts: [Grafana.Example.com, "*.grafana.example.com", "*", "[::1]"]
  paths: [/, /api/v1/, "/a b/ü"]
  headers: [X-WEBAUTH-USER]
  allow_empty_segments: true
  allow_encoded_slashes: true`),
    )
    expect(problem).toBeUndefined()
    expect(annotation).toEqual({
      title: 'Grafana',
      hosts: ['grafana.example.com', '*.grafana.example.com', '*', '[::1]'],
      paths: [[], ['api', 'v1'], ['a b', 'ü']],
      headers: ['x-webauth-user'],
      allowEmptySegments: true,
      allowEncodedSlashes: true,
    })
  })

  it('is reachable by name only where it lists no hosts, and covers every path', () => {
    expect(read(file('package grafana')).annotation).toEqual({
      hosts: [],
      paths: [[]],
      headers: [],
      allowEmptySegments: false,
      allowEncodedSlashes: false,
    })
  })

  it('is read from a file whose Rego does not parse', () => {
    const broken = annotated('custom:\n  hosts: [a.example.com]', 'package grafana\nallow if {{{ "')
    expect(read(broken)).toMatchObject({ annotation: { hosts: ['a.example.com'] } })
  })

  it('is read from Windows lines, below other comments and with blank lines above the package', () => {
    const text =
      '# (c) us\r\n\r\n# METADATA\r\n# custom:\r\n#   hosts: [a.example.com]\r\n\r\npackage grafana\r\n'
    expect(read(file(text))).toMatchObject({ annotation: { hosts: ['a.example.com'] } })
  })

  it('leaves the annotations of rules to OPA, broken ones too', () => {
    const { problem } = read(
      file(
        'package grafana\n# METADATA\n# custom: { anything: 1 }\nx := 1\n# METADATA\n# title: [\ny := "# METADATA"',
      ),
    )
    expect(problem).toBeUndefined()
  })

  it('stands in one of several files', () => {
    const files = [
      file('package grafana\n', 'grafana/a.rego'),
      annotated('custom: { hosts: [a.example.com] }'),
      file('package grafana.sub\n', 'grafana/sub/x.rego'),
    ]
    expect(read(...files)).toMatchObject({ annotation: { hosts: ['a.example.com'] } })
    expect(read(...files).problem).toBeUndefined()
  })
})

describe('authentication', () => {
  const authentication = (yaml: string) =>
    annotated(`custom:\n  authentication:\n${yaml.replaceAll(/^/gm, '    ')}`)

  it('says which credentials count, and what callers are asked for', () => {
    const { annotation, problem } = read(
      authentication(`methods: [jwt, api-key, jwt]
issuers: [https://id.example.com]
audiences: [wiki, "urn:wiki"]
scopes: [wiki:read]
realm: The wiki
challenge: { scope: [wiki:read, "a.b"], acr_values: [gold], max_age: 3600 }
ignore_invalid: true`),
    )
    expect(problem).toBeUndefined()
    expect(annotation.authentication).toEqual({
      methods: ['jwt', 'api-key'],
      issuers: ['https://id.example.com'],
      audiences: ['wiki', 'urn:wiki'],
      scopes: ['wiki:read'],
      realm: 'The wiki',
      challenge: { scope: 'wiki:read a.b', acrValues: 'gold', maxAgeSeconds: 3600 },
      ignoresInvalid: true,
    })
  })

  it('restricts nothing where nothing is said', () => {
    expect(read(authentication('realm: wiki')).annotation.authentication).toEqual({
      realm: 'wiki',
      ignoresInvalid: false,
    })
    expect(read(annotated('custom: { hosts: [a] }')).annotation).not.toHaveProperty('authentication')
  })

  it.each([
    ['a typing error', 'method: [jwt]', /unknown name "method" in authentication/, 4, 5],
    ['a name of Object', '__proto__: [jwt]', /unknown name "__proto__"/, 4, 5],
    ['an unknown method', 'methods: [jwt, JWT]', /"JWT" is no method: write one of jwt/, 4, 20],
    ['anonymous, which policies decide on', 'methods: [anonymous]', /no method/, 4, 15],
    ['a method that is no text', 'methods: [true]', /write a string/, 4, 15],
    ['one method that is no list', 'methods: jwt', /write a list/, 4, 14],
    ['no methods', 'methods: []', /write a list/, 4, 14],
    ['null', 'issuers:', /write a list/, 4, 13],
    ['an empty issuer', 'issuers: [""]', /not empty/, 4, 15],
    ['an issuer with a blank', 'issuers: [" https://a"]', /without blanks/, 4, 15],
    ['a line break', 'audiences: ["a\\nb"]', /one line/, 4, 17],
    ['half a character', 'audiences: ["\\ud800"]', /one line|valid YAML/, 4, 17],
    ['issuers for passwords', 'methods: [basic]\nissuers: [a]', /methods names neither/, 5, 5],
    ['audiences for keys', 'methods: [api-key, token]\naudiences: [a]', /methods names neither/, 5, 5],
    ['two scopes in one', 'scopes: ["a b"]', /visible ASCII/, 4, 14],
    ['a quote in a scope', `scopes: ['a"']`, /visible ASCII/, 4, 14],
    ['a backslash in a scope', `scopes: ['a\\']`, /visible ASCII/, 4, 14],
    ['letters outside ASCII in a scope', 'scopes: [ä]', /visible ASCII/, 4, 14],
    [
      'too many scopes',
      `scopes: [${Array.from({ length: 99 }, (_, at) => `scope-number-${at}`).join(', ')}]`,
      /too many/,
      4,
      5,
    ],
    ['a quote in the realm', `realm: 'a"'`, /realm is a text/, 4, 12],
    ['a line break in the realm', 'realm: "a\\r\\nX: 1"', /realm is a text/, 4, 12],
    ['a number as realm', 'realm: 1', /realm is a text/, 4, 12],
    ['a challenge that is a text', 'challenge: gold', /challenge is a mapping/, 4, 16],
    [
      'another name in the challenge',
      'challenge: { error: [x] }',
      /unknown name "error" in challenge/,
      4,
      18,
    ],
    ['a text as acr_values', 'challenge: { acr_values: gold }', /write a list/, 4, 30],
    ['a quote in acr_values', `challenge: { acr_values: ['a", error="x'] }`, /visible ASCII/, 4, 31],
    ['a negative age', 'challenge: { max_age: -1 }', /whole number/, 4, 27],
    ['a broken age', 'challenge: { max_age: 1.5 }', /whole number/, 4, 27],
    ['an endless age', 'challenge: { max_age: 9007199254740993 }', /beyond 2/, 4, 27],
    ['an age in words', 'challenge: { max_age: 1h }', /whole number/, 4, 27],
    ['a flag that is a text', 'ignore_invalid: "true"', /true or false/, 4, 21],
    ['a list', '- methods', /authentication is a mapping/, 4, 5],
    ['a repeated name', 'methods: [jwt]\nmethods: [basic]', /unique/, 5, 5],
  ])('is refused: %s', (_, yaml, message, row, column) => {
    const problem = problemOf(authentication(yaml))
    expect(problem).toMatchObject({ code: 'METADATA_INVALID', row, column: column + 2 })
    expect(problem.message).toMatch(message)
  })

  it('has no effect below the package, and is refused there', () => {
    const rule = file(
      'package grafana\n# METADATA\n# custom:\n#   authentication: { methods: [jwt] }\nallow := true',
    )
    expect(problemOf(rule).message).toMatch(/custom.authentication has no effect here/)
  })
})

describe('a METADATA that is wrong', () => {
  it.each([
    ['a typing error in hosts', 'custom:\n  host: [a]', /unknown name "host" under custom: known are hosts/],
    ['hosts beside custom', 'hosts: [a]', /unknown name "hosts" in METADATA: it stands under custom/],
    ['a typing error in custom', 'cutsom:\n  hosts: [a]', /unknown name "cutsom" in METADATA/],
    ['one host that is no list', 'custom:\n  hosts: a.example.com', /write a list/],
    ['an empty list', 'custom:\n  paths: []', /write a list/],
    ['a number as a host', 'custom:\n  hosts: [1]', /write a string/],
    ['custom that is a list', 'custom: [hosts]', /custom holds names and values/],
    ['a text', 'hello', /METADATA holds names and values/],
    ['a repeated name', 'custom:\n  hosts: [a]\n  hosts: [b]', /unique/],
    ['an unquoted wildcard', 'custom:\n  hosts: [*.example.com]', /quote/],
    ['a lone unquoted wildcard', 'custom:\n  hosts: [*]', /quote/],
    ['broken YAML', 'custom:\n  hosts: [a', /not valid YAML/],
    ['a name of Object', 'custom:\n  __proto__: [a]', /unknown name "__proto__"/],
    ['a flag that is a text', 'custom:\n  allow_empty_segments: "true"', /true or false/],
    ['a header that is none', 'custom:\n  headers: ["X Y"]', /no header name/],
  ])('is refused: %s', (_, yaml, message) => {
    const problem = problemOf(annotated(yaml))
    expect(problem).toMatchObject({ code: 'METADATA_INVALID', file: 'grafana/policy.rego' })
    expect(problem.message).toMatch(message)
  })

  it.each([
    ['grafana.example.com:8443', /leave the port out/],
    ['grafana.example.com:', /leave the port out/],
    ['grafana.example.com.', /trailing dot/],
    ['https://grafana.example.com', /without scheme/],
    ['grafana.example.com/api', /paths have their own list/],
    ['a..b', /a label is empty/],
    ['.a', /a label is empty/],
    ['', /a label is empty/],
    ['*.', /trailing dot/],
    ['*.*.com', /whole labels at the left/],
    ['a.*.com', /whole labels at the left/],
    ['*a.com', /whole labels at the left/],
    ['grüße.example.com', /xn--/],
    ['a b.com', /may hold only/],
    [`${'a'.repeat(64)}.com`, /up to 63/],
    ['a.'.repeat(130) + 'a', /longer than 253/],
    ['[::0]', /write the address as \[::\]/],
    ['[::1]:80', /leave the port out|brackets/],
    ['[fe80::1%eth0]', /brackets/],
    ['::1', /leave the port out/],
  ])('is refused: the host %j', (host, message) => {
    const problem = problemOf(annotated(`custom:\n  hosts: [${JSON.stringify(host)}]`))
    expect(problem).toMatchObject({ code: 'METADATA_INVALID', row: 3, column: 13 })
    expect(problem.message).toMatch(message)
  })

  it.each([
    ['api', /begins with/],
    ['', /begins with/],
    ['/a//b', /empty/],
    ['/a/../b', /without \. and \.\./],
    ['/a/.', /without \. and \.\./],
    ['/api/*', /covers all that is below/],
    ['/a?x', /before \?/],
    ['/a#x', /before \?/],
    ['/a;b', /before \?/],
    ['/a\\b', /before \?/],
    ['/a%20b', /the characters themselves/],
    ['/a\u0000', /control/],
  ])('is refused: the path %j', (path, message) => {
    const problem = problemOf(annotated(`custom:\n  hosts: [a]\n  paths: [${JSON.stringify(path)}]`))
    expect(problem).toMatchObject({ code: 'METADATA_INVALID', row: 4, column: 13 })
    expect(problem.message).toMatch(message)
  })

  it('keeps what could be read, so that its hosts stay closed', () => {
    expect(read(annotated('custom:\n  hosts: [a.example.com, "b:1"]\n  pahts: [/x]'))).toMatchObject({
      annotation: { hosts: ['a.example.com'], paths: [[]] },
      problem: { code: 'METADATA_INVALID' },
    })
  })

  it('is refused where two files carry custom names', () => {
    const second = { ...annotated('custom: { hosts: [b.example.com] }'), path: 'grafana/z.rego' }
    const problem = problemOf(annotated('custom: { hosts: [a.example.com] }'), second)
    expect(problem).toMatchObject({ code: 'METADATA_INVALID', file: 'grafana/z.rego', row: 2, column: 3 })
  })

  it.each([
    ['below the package', 'package grafana\n# METADATA\n# custom:\n#   hosts: [a]\nx := 1', 4],
    ['with a wider scope', '# METADATA\n# scope: subpackages\n# custom: { paths: [/a] }\npackage grafana', 3],
    ['in a package below the app', '# METADATA\n# custom: { hosts: [a] }\npackage grafana.sub', 2],
  ])('is refused where routing stands %s', (_, text, row) => {
    const problem = problemOf(file(text))
    expect(problem).toMatchObject({ code: 'METADATA_INVALID', row })
    expect(problem.message).toMatch(/right above "package grafana"/)
  })
})

describe('a file that is half written', () => {
  it.each([
    ['nothing', '', /empty/],
    ['blanks', ' \n\n', /empty/],
    ['comments only', '# METADATA\n# title: x\n', /no package/],
    ['the start of a word', 'pack', /no package/],
    ['a rule before the package', 'allow := true\npackage grafana', /no package/],
    ['a package without a name', 'package \n', /no package/],
  ])('is reported as such: %s', (_, text, message) => {
    const problem = problemOf(file(text))
    expect(problem).toMatchObject({ code: 'POLICY_EMPTY', file: 'grafana/policy.rego' })
    expect(problem.message).toMatch(message)
  })
})
