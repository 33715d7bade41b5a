interface Agreement {
  readonly title: string
  readonly policy: string
  readonly data?: object
  readonly cases: readonly (readonly [input: object, verdict: unknown])[]
}

interface Failure {
  readonly title: string
  readonly policy: string
  readonly bad: () => object
  readonly good: object
}

const claims = (value: unknown): object => ({ identity: { subject: 'bob', claims: { value } } })
const path = (value: string): object => ({ request: { path: value } })

const UNUSUAL_TEXTS = [
  '',
  ' ',
  '\u0000',
  '\u007f',
  '\u00e9',
  'e\u0301',
  '\u2028\u2029',
  '\ufeff',
  '\ufffd',
  '\u{1f600}',
  '\u{10ffff}',
  '"\\/\b\f\n\r\t',
  '\\ud800',
  '__proto__',
  'constructor',
  'a'.repeat(70_000),
  '😀'.repeat(20_000),
]

const NUMBERS = [0, 1, -1, 0.1, -0.25, 1e-7, 5e-324, 2 ** 31, -(2 ** 31) - 1, 2 ** 53 - 1, -(2 ** 53) + 1]

const ECHO = 'package grafana\n\nallow := true\n\nmessage := input.identity.claims.value\n'

/** Nested lists, this deep. */
function nested(depth: number): unknown {
  let value: unknown = []
  for (let level = 1; level < depth; level++) value = [value]
  return value
}

/** The same verdicts on the same inputs, whatever evaluates. No builtin of the host: the SDK has others than OPA's. */
export const AGREEMENTS: readonly Agreement[] = [
  {
    title: 'leaves undefined rules out, and tells absent from null and false',
    policy: `package grafana

default allow := false

allow if input.identity

status := 404 if not input.identity

message := "said" if input.identity.claims.value == null
`,
    cases: [
      [{}, { allow: false, status: 404 }],
      [{ identity: { subject: 'bob' } }, { allow: true }],
      [{ identity: null }, { allow: true }],
      [{ identity: false }, { allow: false, status: 404 }],
      [{ identity: { claims: { value: null } } }, { allow: true, message: 'said' }],
      [{ identity: {} }, { allow: true }],
    ],
  },
  {
    title: 'returns an empty verdict where no rule is defined',
    policy: 'package grafana\n\nallow if input.request.path == "/"\n',
    cases: [
      [{}, {}],
      [path('/'), { allow: true }],
    ],
  },
  {
    title: 'follows else, every, comprehensions, functions and with',
    policy: `package grafana

role := "admin" if {
	"ops" in input.identity.groups
} else := "viewer" if {
	count(input.identity.groups) > 0
} else := "nobody"

headers["X-Role"] := role

headers["X-Long"] := [group | some group in input.identity.groups; count(group) > 3]

headers["X-Other"] := role_of(["ops"])

role_of(groups) := value if {
	value := role with input.identity.groups as groups
}

allow if {
	every group in input.identity.groups { not startswith(group, "ex-") }
}
`,
    cases: [
      [
        { identity: { groups: ['ops'] } },
        { allow: true, headers: { 'X-Role': 'admin', 'X-Long': [], 'X-Other': 'admin' } },
      ],
      [
        { identity: { groups: ['ex-ops', 'dev'] } },
        { headers: { 'X-Role': 'viewer', 'X-Long': ['ex-ops'], 'X-Other': 'admin' } },
      ],
      [
        { identity: { groups: [] } },
        { allow: true, headers: { 'X-Role': 'nobody', 'X-Long': [], 'X-Other': 'admin' } },
      ],
    ],
  },
  {
    title: 'reads tables, also by hostile keys',
    policy: `package grafana

allow if data.grafana.users[input.identity.subject].active

headers["X-Level"] := data.grafana.users[input.identity.subject].level
`,
    data: {
      grafana: {
        users: JSON.parse(
          '{"bob":{"active":true,"level":9007199254740991},"":{"active":true},"__proto__":{"active":true,"level":0.5},"\u{1f600}":{"active":false}}',
        ),
      },
    },
    cases: [
      [{ identity: { subject: 'bob' } }, { allow: true, headers: { 'X-Level': 9007199254740991 } }],
      [{ identity: { subject: '__proto__' } }, { allow: true, headers: { 'X-Level': 0.5 } }],
      [{ identity: { subject: '' } }, { allow: true, headers: {} }],
      [{ identity: { subject: '\u{1f600}' } }, { headers: {} }],
      [{ identity: { subject: 'constructor' } }, { headers: {} }],
      [{ identity: { subject: ['bob'] } }, { headers: {} }],
      [{}, { headers: {} }],
    ],
  },
  {
    title: 'keeps each element of a set once, whatever its order and however a number is written',
    policy: `package grafana

deny contains reason if some reason in input.identity.claims.value

allow if count({number | some number in [1, 1.0, 10e-1]}) == 1
`,
    cases: [
      [claims(['b', 'a', 'b', '\u{1f600}', '']), { allow: true, deny: ['', 'a', 'b', '\u{1f600}'] }],
      [claims([]), { allow: true, deny: [] }],
      [
        claims(Array.from({ length: 500 }, (_, index) => `${index % 7}`)),
        { allow: true, deny: ['0', '1', '2', '3', '4', '5', '6'] },
      ],
    ],
  },
  {
    title: 'hands over numbers that a double holds',
    policy: ECHO,
    cases: NUMBERS.map((number) => [claims(number), { allow: true, message: number }] as const),
  },
  {
    title: 'calculates',
    policy: `package grafana

allow if input.identity.claims.value > 0

headers["X-Half"] := input.identity.claims.value / 2

headers["X-Rest"] := input.identity.claims.value % 3

headers["X-Round"] := round(input.identity.claims.value / 4)
`,
    cases: [
      [claims(7), { allow: true, headers: { 'X-Half': 3.5, 'X-Rest': 1, 'X-Round': 2 } }],
      [claims(-7), { headers: { 'X-Half': -3.5, 'X-Rest': -1, 'X-Round': -2 } }],
      [claims(0), { headers: { 'X-Half': 0, 'X-Rest': 0, 'X-Round': 0 } }],
      [claims('7'), { allow: true, headers: {} }],
    ],
  },
  {
    title: 'hands texts over unchanged and counts their code points',
    policy: `package grafana

allow := true

message := input.request.path

status := count(input.request.path)

headers[input.request.path] := upper(input.request.path)
`,
    cases: UNUSUAL_TEXTS.map(
      (text) =>
        [
          path(text),
          // A computed name also makes `__proto__` a name like any other.
          {
            allow: true,
            message: text,
            status: Array.from(text).length,
            headers: { [text]: text.toUpperCase() },
          },
        ] as const,
    ),
  },
  {
    title: 'matches globs, patterns and networks, time and again',
    policy: `package grafana

allow if glob.match("/api/*/items/**", ["/"], input.request.path)

status := 418 if regex.match("^/(?:tea|käse|😀)+$", input.request.path)

message := "inside" if net.cidr_contains("2001:db8::/32", input.request.client_ip)
`,
    cases: [
      [path('/api/v1/items/1/2'), { allow: true }],
      [path('/api/v1/v2/items/1'), {}],
      [path('/teakäse😀'), { status: 418 }],
      [{ request: { path: '/', client_ip: '2001:db8::1' } }, { message: 'inside' }],
      [{ request: { path: '/', client_ip: '192.0.2.1' } }, {}],
      [{ request: { path: 1, client_ip: null } }, {}],
    ],
  },
  {
    title: 'hands over nested values, down to a thousand levels',
    policy: ECHO,
    cases: [
      [
        claims({ list: [[], {}, [null, true, false, { a: [''] }]] }),
        { allow: true, message: { list: [[], {}, [null, true, false, { a: [''] }]] } },
      ],
      [claims(nested(1000)), { allow: true, message: nested(1000) }],
    ],
  },
]

/** What cannot be evaluated is a failure: never a verdict, never "no input". */
export const FAILURES: readonly Failure[] = [
  {
    title: 'a rule with two values',
    policy:
      'package grafana\n\nallow := true\n\nstatus := 401 if input.request.path == "/"\n\nstatus := 404 if input.request.method == "GET"\n',
    bad: () => ({ request: { path: '/', method: 'GET' } }),
    good: { request: { path: '/', method: 'POST' } },
  },
  {
    title: 'a header with two values',
    policy:
      'package grafana\n\nallow := true\n\nheaders[name] := index if some index, name in input.identity.claims.value\n',
    bad: () => claims(['a', 'b', 'a']),
    good: claims(['a', 'b']),
  },
  {
    title: 'a function with two values',
    policy:
      'package grafana\n\nallow := true\n\nmessage := name(input.request.path)\n\nname(text) := "a" if contains(text, "a")\n\nname(text) := "b" if contains(text, "b")\n',
    bad: () => path('ab'),
    good: path('a'),
  },
  {
    title: 'an object comprehension with two values for a key',
    policy:
      'package grafana\n\nallow := true\n\nheaders := {name: index | some index, name in input.identity.claims.value}\n',
    bad: () => claims(['a', 'a']),
    good: claims(['a']),
  },
  {
    title: 'text that is nested without end',
    policy: 'package grafana\n\nallow := true\n\nmessage := json.unmarshal(input.request.path)\n',
    bad: () => path('['.repeat(1_000_000)),
    good: path('[1]'),
  },
  {
    title: 'an input that is nested without end',
    policy: ECHO,
    bad: () => claims(nested(1_000_000)),
    good: claims(1),
  },
  {
    title: 'an input that contains itself',
    policy: ECHO,
    bad: () => {
      const request: Record<string, unknown> = {}
      request['self'] = request
      return { request }
    },
    good: claims(1),
  },
  {
    title: 'an input that JSON cannot say',
    policy: ECHO,
    bad: () => claims(1n),
    good: claims(1),
  },
]
