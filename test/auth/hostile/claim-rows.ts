import { bearer, good, ISSUER, lines, NESTED, NOW, refused, type Row, signers } from './workshop.ts'

const { es256 } = signers
const CLAIM = 'TOKEN_CLAIM_INVALID'

/** The claims as their very text, one of them replaced by what JSON.stringify would not write. */
const withText = (name: string, text: string): string =>
  JSON.stringify(good({ [name]: '#' })).replace('"#"', text)

const claim = (name: string, value: unknown, code: string, status = 401): Row =>
  refused(
    `${name}: ${JSON.stringify(value) ?? 'absent'}`.slice(0, 80),
    code,
    () => es256.sign(good({ [name]: value })),
    status,
  )

const text = (name: string, value: string, code: string): Row =>
  refused(`${name}: ${value}`.slice(0, 80), code, () => es256.sign(withText(name, value)))

const NO_NUMBERS = [String(NOW + 300), '', 'never', null, true, [], [NOW + 300], {}, { $date: NOW + 300 }]
const times: readonly Row[] = [
  ...['exp', 'nbf', 'iat'].flatMap((name) => [
    ...NO_NUMBERS.map((value) => claim(name, value, CLAIM)),
    text(name, '1e400', CLAIM),
    text(name, '-1e400', CLAIM),
  ]),
  claim('exp', undefined, CLAIM),
  claim('exp', 0, 'TOKEN_EXPIRED'),
  claim('exp', -1, 'TOKEN_EXPIRED'),
  claim('exp', NOW - 3600, 'TOKEN_EXPIRED'),
  text('exp', '1e-400', 'TOKEN_EXPIRED'),
  text('exp', '-0', 'TOKEN_EXPIRED'),
  claim('nbf', NOW + 3600, 'TOKEN_NOT_YET_VALID'),
  claim('iat', NOW + 3600, 'TOKEN_NOT_YET_VALID'),
  // Milliseconds, taken for seconds.
  claim('nbf', NOW * 1000, 'TOKEN_NOT_YET_VALID'),
  text('nbf', '1e308', 'TOKEN_NOT_YET_VALID'),
]

const names: readonly Row[] = [
  ...[
    undefined,
    null,
    7,
    true,
    [],
    [ISSUER],
    { 0: ISSUER },
    '',
    `${ISSUER}/`,
    ISSUER.toUpperCase(),
    ` ${ISSUER}`,
    `${ISSUER}\u0000`,
    `${ISSUER}#x`,
    'https://id.example.com.evil.example',
    '__proto__',
    'constructor',
  ].map((value) => claim('iss', value, 'TOKEN_ISSUER_UNKNOWN')),
  ...[
    undefined,
    null,
    7,
    true,
    {},
    { wiki: true },
    [],
    [7],
    ['wiki', 7],
    ['wiki', null],
    [['wiki']],
    '',
    'Wiki',
    'wiki ',
    'wiki\u0000',
    'wiki grafana',
    'wiki,grafana',
    '*',
    ['mail'],
  ].map((value) => claim('aud', value, 'TOKEN_AUDIENCE_INVALID')),
  ...[
    undefined,
    null,
    7,
    0,
    true,
    [],
    ['ann'],
    {},
    '',
    'ann\u0000',
    'ann\r\nX-User-Roles: admin',
    'ann\u0085',
    '\ud800',
  ].map((value) => claim('sub', value, CLAIM)),
]

const roles: readonly Row[] = [
  ...[
    'admin',
    'viewer admin',
    7,
    true,
    null,
    {},
    { admin: true },
    { 0: 'admin', length: 1 },
    [7],
    ['admin', 7],
    ['admin', null],
    [['admin']],
    ['admin', ''],
    [{ name: 'admin' }],
    ['admin', '\ud800'],
  ].map((value) => claim('roles', value, CLAIM)),
  ...[
    undefined,
    [],
    ['Admin'],
    ['admin '],
    ['administrator'],
    ['admin\u0000'],
    ['viewer,admin'],
    ['ａｄｍｉｎ'],
    ['аdmin'],
  ].map((value) => claim('roles', value, 'POLICY_DENIED', 403)),
  refused('scope that is a number', CLAIM, () => es256.sign(good({ scope: 7 }))),
  refused('groups that are a text', CLAIM, () => es256.sign(good({ groups: 'admins' }))),
]

const nested = (payload: string): string => {
  const { roles: _, ...rest } = good({ iss: NESTED })
  return es256.sign(JSON.stringify(rest).replace('}', `,${payload}}`))
}
const ADMIN = '["admin"]'
const prototypes: readonly Row[] = [
  ...[
    `"__proto__":{"realm":{"roles":${ADMIN}}}`,
    `"realm":{"__proto__":{"roles":${ADMIN}}}`,
    `"constructor":{"prototype":{"realm":{"roles":${ADMIN}}}}`,
    `"realm":{"constructor":{"prototype":{"roles":${ADMIN}}}}`,
    `"__proto__":${ADMIN}`,
    `"realm":[{"roles":${ADMIN}}]`,
    '"realm":"admin"',
    '"realm":null',
    `"Realm":{"roles":${ADMIN}}`,
    `"realm":{"Roles":${ADMIN}}`,
  ].map((payload) => refused(`roles by ${payload}`, 'POLICY_DENIED', () => nested(payload), 403)),
  refused('roles by an object with a length', CLAIM, () =>
    nested('"realm":{"roles":{"0":"admin","length":1}}'),
  ),
]

const deep = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`
const sizes: readonly Row[] = [
  refused('a token of 20 KB', 'TOKEN_TOO_LARGE', () => es256.sign(good({ filler: 'x'.repeat(15_000) }))),
  refused('a token of 50 KB', 'TOKEN_TOO_LARGE', () => es256.sign(good({ filler: 'x'.repeat(37_000) }))),
  refused(
    'a token of 100 KB',
    'HEADERS_TOO_LARGE',
    () => es256.sign(good({ filler: 'x'.repeat(75_000) })),
    431,
  ),
  refused(
    'a token of 1 MB',
    'HEADERS_TOO_LARGE',
    () => es256.sign(good({ filler: 'x'.repeat(750_000) })),
    431,
  ),
  refused('5,000 roles', 'TOKEN_TOO_LARGE', () =>
    es256.sign(good({ roles: Array.from({ length: 5_000 }, (_, at) => `r${at}`) })),
  ),
  refused('1,000 claims', CLAIM, () =>
    es256.sign(good(Object.fromEntries(Array.from({ length: 1_000 }, (_, at) => [`c${at}`, at])))),
  ),
  refused('claims nested 1,000 deep', CLAIM, () => es256.sign(withText('x', deep(1_000)))),
  refused('claims nested 5,000 deep', CLAIM, () => es256.sign(withText('x', deep(5_000)))),
  refused('a number of 5,000 digits', CLAIM, () => es256.sign(withText('x', '9'.repeat(5_000)))),
]

const allowed = (title: string, changes: object, headers: Row['headers'] = {}): Row => ({
  title,
  call: () => bearer(es256.sign(good(changes))),
  status: 200,
  code: '',
  headers,
})

/** As the header's bytes are shown: UTF-8, one Latin-1 character each. */
const utf8 = (value: string): string => Buffer.from(value).toString('latin1')
const many = Array.from({ length: 1_400 }, (_, at) => `r${at}`)

/** Callers who are let in, and whose names would be something else to whoever reads them carelessly. */
export const nameRows: readonly Row[] = [
  allowed(
    'a role with the separator',
    { roles: ['admin', 'viewer,root'] },
    { 'x-user-roles': 'admin,viewer%2Croot' },
  ),
  allowed(
    'a role with a line break',
    { roles: ['admin', 'a\r\nX-User-ID: root'] },
    { 'x-user-roles': 'admin,a%0D%0AX-User-ID:%20root', 'x-user-id': 'ann' },
  ),
  allowed(
    'a role that is encoded already',
    { roles: ['admin', 'viewer%2Croot'] },
    { 'x-user-roles': 'admin,viewer%252Croot' },
  ),
  allowed('a role outside ASCII', { roles: ['admin', 'rôle'] }, { 'x-user-roles': 'admin,r%C3%B4le' }),
  allowed('a role with a NUL', { roles: ['admin', 'a\u0000b'] }, { 'x-user-roles': 'admin,a%00b' }),
  allowed(
    'fourteen hundred roles',
    { roles: ['admin', ...many] },
    { 'x-user-roles': ['admin', ...many].join(',') },
  ),
  allowed('a subject outside ASCII', { sub: 'Жанна' }, { 'x-user-id': '%D0%96%D0%B0%D0%BD%D0%BD%D0%B0' }),
  allowed('a subject with the separator', { sub: 'ann,root' }, { 'x-user-id': 'ann%2Croot' }),
  allowed('a subject of blanks', { sub: ' ann ' }, { 'x-user-id': '%20ann%20' }),
  allowed('a name outside ASCII', { name: 'Zoë 🦊' }, { 'x-name': utf8('Zoë 🦊') }),
  ...['a\r\nX-User-ID: root', 'a\nb', 'a\u0000', '\u007f', 'a\u0085b', '\u001b[31m'].map((name) =>
    allowed(
      `a name with a control character: ${JSON.stringify(name)}`,
      { name },
      { 'x-name': undefined, 'x-user-id': 'ann' },
    ),
  ),
  allowed('half a character in a name', { name: 'a\ud800' }, { 'x-name': utf8('a\ufffd') }),
  allowed('an email with a line break', { email: 'a@b.example\r\nX: 1' }, { 'x-email': undefined }),
  allowed('an email with two @', { email: 'root@corp@evil.example' }, { 'x-email': undefined }),
  allowed(
    'an email that is not verified',
    { email: 'root@corp.example', email_verified: false },
    { 'x-email': undefined },
  ),
  {
    ...allowed('an identity header of the client', {}, { 'x-user-id': 'ann', 'x-user-roles': 'admin' }),
    call: () => lines(`Authorization: Bearer ${es256.sign(good())}`, 'X-User-ID: root', 'X-User-Roles: root'),
  },
]

export const claimRows: readonly Row[] = [...times, ...names, ...roles, ...prototypes, ...sizes]
