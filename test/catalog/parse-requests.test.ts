import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { parseRequests } from '../../src/catalog/parse-requests.ts'
import { jsonSchemaBuiltins } from '../../src/engine/builtins/json-schema/json-schema-builtins.ts'
import { idleContext } from '../engine/builtins/idle-context.ts'

const FILE = 'grafana/requests.yaml'

const TABLE = `
callers:
  ann: { subject: ann, roles: [editor], claims: { acr: mfa } }
  robot: { token: demo }
  bob: { jwt: { sub: bob, realm_access: { roles: [viewer] } } }
requests:
  - GET https://grafana.example.com/d/1?x=1 as ann: allow
  - https://grafana.example.com as anonymous: deny 401
  - POST https://grafana.example.com:8443/%2e%2e/x as robot: deny
  - GET https://grafana.example.com/ as bob: { outcome: allow, headers: { X-Role: Viewer, X-Empty: "" } }
  - name: at night, from outside
    request:
      method: PROPFIND
      url: wss://grafana.example.com?
      headers: { Accept: [text/html, "*/*"], __proto__: a, X-Empty: "" }
      from: 2001:db8::9
      time: 2026-01-31T23:00:00+01:00
    caller: { subject: eve }
    expect: { outcome: deny, status: 302 }
  - { request: GET https://grafana.example.com/, caller: ann, expect: allow }
`

function read(text: string) {
  const parsed = parseRequests({ path: FILE, text })
  if ('problems' in parsed) throw new Error(parsed.problems.map(({ message }) => message).join('\n'))
  return parsed.cases
}

function problems(text: string): readonly string[] {
  const parsed = parseRequests({ path: FILE, text })
  if ('cases' in parsed) return []
  return parsed.problems.map(({ code, message, location }) => {
    expect(code).toBe('REQUESTS_INVALID')
    expect(location?.file).toBe(FILE)
    return `${location?.row}:${location?.column} ${message}`
  })
}

/** A table with one case of everything right but what is given. */
function withCase(text: string): string {
  return `callers: { ann: { subject: ann } }\nrequests:\n  - ${text}\n`
}

const RIGHT = { request: 'GET https://a.example.com/', caller: 'anonymous', expect: 'allow' }

function withParts(parts: object): string {
  return JSON.stringify({ requests: [{ ...RIGHT, ...parts }] })
}

describe('a request table', () => {
  const cases = read(TABLE)

  it('may say what a caller’s certificate says, of which the rest is a sample', () => {
    const certificate = { subject: { OU: ['it'] }, not_after: 5, emails: ['a@b'] }
    const [found] = read(withParts({ caller: { subject: 'ann', certificate } }))
    expect(found?.caller).toMatchObject({
      identity: {
        authenticatedBy: 'certificate',
        certificate: {
          subject: { OU: ['it'] },
          issuer: {},
          serialNumber: '01',
          notBefore: 0,
          notAfter: 5,
          emails: ['a@b'],
          dnsNames: [],
        },
      },
    })
  })

  it('keeps every request as the proxy would forward it, without reading it', () => {
    expect(
      cases.map(({ request: { method, scheme, authority, uri } }) => [method, scheme, authority, uri]),
    ).toEqual([
      ['GET', 'https', 'grafana.example.com', '/d/1?x=1'],
      ['GET', 'https', 'grafana.example.com', '/'],
      ['POST', 'https', 'grafana.example.com:8443', '/%2e%2e/x'],
      ['GET', 'https', 'grafana.example.com', '/'],
      ['PROPFIND', 'wss', 'grafana.example.com', '/?'],
      ['GET', 'https', 'grafana.example.com', '/'],
    ])
  })

  it('names the caller by table, as a static token, by claims, or in place', () => {
    const ann = { kind: 'identity', identity: expect.objectContaining({ subject: 'ann', roles: ['editor'] }) }
    expect(cases.map(({ caller }) => caller)).toEqual([
      ann,
      { kind: 'anonymous' },
      { kind: 'token', name: 'demo' },
      { kind: 'claims', claims: { sub: 'bob', realm_access: { roles: ['viewer'] } } },
      { kind: 'identity', identity: expect.objectContaining({ subject: 'eve', roles: [] }) },
      ann,
    ])
  })

  it('says what must come of each', () => {
    expect(cases.map((each) => each.expect)).toEqual([
      { outcome: 'allow' },
      { outcome: 'deny', status: 401 },
      { outcome: 'deny' },
      {
        outcome: 'allow',
        headers: [
          ['X-Role', 'Viewer'],
          ['X-Empty', ''],
        ],
      },
      { outcome: 'deny', status: 302 },
      { outcome: 'allow' },
    ])
  })

  it('gives a request its headers, its address and its time', () => {
    const { headers, clientIp, timeMs } = cases[4]?.request ?? {}
    expect(Object.entries(headers ?? {})).toEqual([
      ['accept', ['text/html', '*/*']],
      ['__proto__', ['a']],
      ['x-empty', ['']],
    ])
    expect(Object.getPrototypeOf(headers)).toBeNull()
    expect([clientIp, timeMs]).toEqual(['2001:db8::9', Date.parse('2026-01-31T22:00:00Z')])
    expect(cases[0]?.request).not.toHaveProperty('clientIp')
  })

  it('has a name and a place for every case', () => {
    expect(cases.map(({ name, at }) => `${at.row}:${at.column} ${name}`)).toEqual([
      '7:5 GET https://grafana.example.com/d/1?x=1 as ann',
      '8:5 https://grafana.example.com as anonymous',
      '9:5 POST https://grafana.example.com:8443/%2e%2e/x as robot',
      '10:5 GET https://grafana.example.com/ as bob',
      '11:5 at night, from outside',
      '20:5 GET https://grafana.example.com/ (row 20)',
    ])
  })

  it('takes nothing of an anonymous caller for an identity', () => {
    for (const { caller } of cases)
      if (caller.kind !== 'identity') expect(caller).not.toHaveProperty('identity')
  })
})

describe('what is wrong in a request table', () => {
  it('is reported all at once, each at its place', () => {
    const text = `caller: {}
callers:
  anonymous: { subject: x }
  ann: { subject: ann, role: [a] }
  bob: { subject: "", token: demo }
  eve: { jwt: {}, roles: [a] }
requests:
  - GET https://a.example.com/ as anne: allow
  - get https://a.example.com/ as ann: deny 200
  - GET https://a.example.com/ as ann:allow
  - { request: { url: /x, form: 1.2.3.4 }, expect: maybe }
`
    expect(problems(text)).toEqual([
      '1:1 unknown name "caller" in the table: write one of callers, requests',
      '3:3 anonymous is the caller who shows no credentials; name this one otherwise',
      '4:24 unknown name "role" in a caller: write one of subject, roles, groups, scopes, email, name, issuer, audience, client_id, acr, amr, auth_time, claims, authenticated_by, certificate, jwt, token',
      '5:8 a caller has one of subject (with roles, groups …), jwt (claims) or token (its name)',
      '6:19 roles goes with subject; jwt stands alone',
      '8:5 no caller is named "anne": write one of anonymous, ann, bob, eve',
      '9:40 expect is allow, deny, or deny with a status (302, 400 to 599), such as deny 401',
      '9:5 write the method as it is sent: GET',
      '10:5 a case is GET https://app.example.com/path as anonymous: deny 401, or a mapping of name, request, caller, expect',
      '11:5 the case has no caller',
      '11:27 unknown name "form" in the request: write one of method, url, headers, from, time',
      '11:23 "/x": write the whole URL, such as https://app.example.com/path',
      '11:52 expect is allow, deny, or deny with a status (302, 400 to 599), such as deny 401',
    ])
  })

  it('may be a certificate that its caller would not have shown', () => {
    const text = (method: string) => `callers:
  ann: { subject: ann, authenticated_by: ${method}, certificate: {} }
requests:
  - GET https://a.example.com/ as ann: allow
`
    expect(problems(text('certificate'))).toEqual([])
    expect(problems(text('jwt'))).toEqual([
      '2:42 a certificate goes with authenticated_by: certificate; no other method shows one',
    ])
  })

  it.each([
    ['', /^1:1 the file is empty$/],
    ['# nothing\n', /^1:1 the file is empty$/],
    ['requests: []', /a list of 1 to 5000 cases/],
    ['requests: allow', /a list of 1 to 5000 cases/],
    ['- GET https://a.example.com/ as anonymous: allow', /the table is a mapping of callers, requests/],
    ['callers: {}', /the table has no requests/],
    ['requests: [', /not valid YAML/],
    [withCase('GET https://a/ as ann: allow\nrequests: []'), /^4:1 not valid YAML: Map keys must be unique/],
    [withCase('{ request: GET https://a/, caller: ann, expect: deny, expect: allow }'), /unique/],
    [
      withCase('GET https://a/ as ann: allow\n  - GET https://a/ as ann: deny'),
      /^4:5 .* is there twice, first in row 3/,
    ],
    [
      withCase('GET https://a/ as ann: allow\n    GET https://b/ as ann: deny'),
      /a case of one line stands alone/,
    ],
    [withCase('GET https://a/: allow'), /names no caller/],
    [withCase('!!js/function GET https://a/ as ann: allow'), /tag/i],
    ['a: &a [x,x,x,x,x,x,x,x,x]\n'.concat(...bomb()), /more than 200000 values/],
    [`requests: ${'['.repeat(100_000)}`, /not valid YAML/],
    [
      `requests:\n${'  - GET https://a/ as anonymous: allow\n'.repeat(250_000)}`,
      /longer than 1048576 characters/,
    ],
    [withParts({ name: '\ud800' }), /lone surrogate/],
    [withParts({ request: 'GET https://müller.example/' }), /ASCII form of the host/],
    [withParts({ request: 'GET https://a/ü%20' }), /"\/%C3%BC%20"/],
    [withParts({ request: 'GET https://user:secret@a/' }), /leave user and password out/],
    [withParts({ request: 'GET https://*.example.com/' }), /one host in place of the \*/],
    [withParts({ request: 'GET https://a/ HTTP/1.1' }), /write METHOD URL/],
    [
      withParts({ request: { url: 'https://a/', headers: { authorization: 'Bearer x' } } }),
      /the caller says/,
    ],
    [
      withParts({ request: { url: 'https://a/', headers: { 'X-Forwarded-Host': 'b' } } }),
      /leave X-Forwarded-Host out/,
    ],
    [withParts({ request: { url: 'https://a/', headers: { 'X-A': 'a\r\nX-B: b' } } }), /a text on one line/],
    [withParts({ request: { url: 'https://a/', headers: { 'X-A': '1', 'x-a': '2' } } }), /there twice/],
    [withParts({ request: { url: 'https://a/', from: '10.0.0.0/8' } }), /is no address/],
    [withParts({ request: { url: 'https://a/', time: '2026-02-31T12:00:00Z' } }), /is no time/],
    [withParts({ expect: { outcome: 'allow', headers: { 'X-A': 1 } } }), /X-A is a text: write it in quotes/],
    [withParts({ expect: { outcome: 'deny', headers: {} } }), /a denied request brings no headers/],
    [withParts({ expect: { outcome: 'allow', status: 200 } }), /no status to expect/],
  ])('is told with its mend (%#)', (text, message) => {
    expect(problems(text)).toEqual([expect.stringMatching(message)])
  })

  it('is told a hundred times and no more', () => {
    expect(problems(`requests:\n${'  - GET\n'.repeat(1000)}`)).toHaveLength(100)
  })
})

function bomb(): readonly string[] {
  return 'bcdefgh'.split('').map((name, index) => {
    const before = `*${'abcdefg'[index]}`
    return `${name}: &${name} [${Array.from({ length: 9 }, () => before).join(',')}]\n`
  })
}

describe('the schema for editors', () => {
  const schema = readFileSync(new URL('../../schemas/requests.schema.json', import.meta.url), 'utf8')
  const matches = (text: string): unknown => {
    const answer = jsonSchemaBuiltins['json.match_schema']?.(
      [JSON.stringify(parse(text)), schema],
      idleContext,
    )
    return Array.isArray(answer) ? answer[0] : answer
  }

  it('is a schema', () => {
    expect(jsonSchemaBuiltins['json.verify_schema']?.([schema], idleContext)).toEqual([true, null])
  })

  const long = (parts: object): string => withParts(parts)
  const request = (parts: object): string => withParts({ request: { url: 'https://a/', ...parts } })
  const wanted = (value: unknown): string => withParts({ expect: value })
  const caller = (value: unknown): string => withParts({ caller: value })

  it.each([
    TABLE,
    long({}),
    long({ name: 'x' }),
    long({ request: 'https://a:8443?x' }),
    request({ method: 'M-SEARCH', headers: {}, from: '::ffff:1.2.3.4', time: '2026-01-31T12:00Z' }),
    request({ headers: { 'X.User!Roles': ['a', ''], Hosting: 'x' } }),
    caller({ subject: 'a', audience: ['x'], authenticated_by: 'basic', email: 'a@b' }),
    caller({ subject: 'a', client_id: 'shop', acr: 'mfa', amr: ['pwd'], auth_time: 1_800_000_000 }),
    caller({ subject: 'a', authenticated_by: 'introspection' }),
    caller({ subject: 'a', authenticated_by: 'certificate' }),
    caller({ subject: 'a', certificate: {} }),
    caller({ subject: 'a', certificate: { subject: { OU: ['it'] }, not_after: 1, emails: ['a@b'] } }),
    caller({ jwt: {} }),
    wanted('deny 503'),
    wanted('deny  401'),
    wanted({ outcome: 'allow', headers: {} }),
    wanted({ outcome: 'deny', status: 499 }),
  ])('admits what Regate reads: %s', (text) => {
    expect([matches(text), problems(text)]).toEqual([true, []])
  })

  it.each([
    '[]',
    'requests: []',
    'requests: [x]',
    'requests: [{}]',
    'callers: { anonymous: { subject: x } }\nrequests: [{ https://a/ as anonymous: allow }]',
    'callers: { 1x: { subject: x } }\nrequests: [{ https://a/ as anonymous: allow }]',
    'requests: [{ https://a/ as anonymous: allow, name: x }]',
    'requests: [{ https://a/: allow }]',
    'requests: [{ ftp://a/ as anonymous: allow }]',
    'requests: [{ https://*/ as anonymous: allow }]',
    'requests: [{ get https://a/ as anonymous: allow }]',
    long({ extra: 1 }),
    long({ name: '' }),
    long({ name: 1 }),
    long({ request: 'GET /path' }),
    long({ request: 'GET https://a@b/' }),
    long({ request: 'GET https://a/#b' }),
    long({ request: {} }),
    request({ method: 'get' }),
    request({ method: '' }),
    request({ headers: { HOST: 'a' } }),
    request({ headers: { 'proxy-Authorization': 'a' } }),
    request({ headers: { 'x-forwarded-For': 'a' } }),
    request({ headers: { 'a b': 'a' } }),
    request({ headers: { a: ' x' } }),
    request({ headers: { a: 1 } }),
    request({ from: 'localhost' }),
    request({ from: '1.2.3' }),
    request({ time: 'noon' }),
    caller({}),
    caller({ subject: '' }),
    caller({ subject: 'a', token: 'b' }),
    caller({ token: 'a', roles: ['b'] }),
    caller({ jwt: [] }),
    caller({ subject: 'a', roles: 'b' }),
    caller({ subject: 'a', roles: [''] }),
    caller({ subject: 'a', authenticated_by: 'mtls' }),
    caller({ subject: 'a', auth_time: '2026-01-31' }),
    caller({ subject: 'a', amr: 'pwd' }),
    caller({ subject: 'a', role: ['b'] }),
    caller({ subject: 'a', certificate: 'a' }),
    caller({ subject: 'a', certificate: { subject: { OU: 'it' } } }),
    caller({ subject: 'a', certificate: { serial: '01' } }),
    caller({ subject: 'a', certificate: { not_after: '2027-01-01' } }),
    caller({ token: 'a', certificate: {} }),
    wanted('allowed'),
    wanted('deny 200'),
    wanted(true),
    wanted({}),
    wanted({ outcome: 'allow', status: 200 }),
    wanted({ outcome: 'deny', headers: {} }),
    wanted({ outcome: 'deny', status: '401' }),
    wanted({ outcome: 'deny', status: 399 }),
    wanted({ outcome: 'allow', headers: { 'X-A': true } }),
    wanted({ outcome: 'allow', headers: { 'X A': 'a' } }),
  ])('refuses what Regate refuses: %s', (text) => {
    expect(matches(text)).toBe(false)
    expect(problems(text)).not.toEqual([])
  })
})
