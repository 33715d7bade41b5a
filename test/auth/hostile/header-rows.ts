import {
  API_KEY,
  bearer,
  type Call,
  good,
  lines,
  PASSWORD,
  refused,
  type Row,
  signers,
  STATIC_TOKEN,
} from './workshop.ts'

const { es256, stranger } = signers
const token = (): string => es256.sign(good())
const basic = (text: string | Buffer): string => Buffer.from(text).toString('base64')

const row = (title: string, code: string, call: () => Call, status = 401): Row =>
  refused(title, code, call, status)
const authorization = (title: string, code: string, value: () => string, status = 401): Row =>
  row(title, code, () => lines(`Authorization: ${value()}`), status)

const merged: readonly Row[] = [
  row(
    'two Authorization lines, both good',
    'AUTHORIZATION_REPEATED',
    () => lines(`Authorization: Bearer ${token()}`, `Authorization: Bearer ${token()}`),
    400,
  ),
  row(
    'two Authorization lines, the first empty',
    'AUTHORIZATION_REPEATED',
    () => lines('Authorization:', `Authorization: Bearer ${token()}`),
    400,
  ),
  row(
    'two Authorization lines in other case',
    'AUTHORIZATION_REPEATED',
    () => lines(`authorization: Bearer ${token()}`, `AUTHORIZATION: Basic ${basic(`bob:${PASSWORD}`)}`),
    400,
  ),
  authorization(
    'two tokens, merged by a comma',
    'TOKEN_MALFORMED',
    () => `Bearer ${token()}, Bearer ${token()}`,
  ),
  authorization('two tokens, merged by a blank', 'TOKEN_MALFORMED', () => `Bearer ${token()} ${token()}`),
  authorization(
    'a token and a password',
    'TOKEN_MALFORMED',
    () => `Bearer ${token()}, Basic ${basic(`bob:${PASSWORD}`)}`,
  ),
  authorization(
    'a password and a token',
    'BASIC_MALFORMED',
    () => `Basic ${basic(`bob:${PASSWORD}`)}, Bearer ${token()}`,
  ),
  authorization('the scheme twice', 'TOKEN_MALFORMED', () => `Bearer Bearer ${token()}`),
  authorization('a token with parameters', 'TOKEN_MALFORMED', () => `Bearer ${token()};x=1`),
  authorization('a tab after the scheme', 'TOKEN_MALFORMED', () => `Bearer\t${token()}`),
  authorization('a no-break space after the scheme', 'TOKEN_MALFORMED', () => `Bearer\u00a0${token()}`),
  authorization('a colon after the scheme', 'TOKEN_MALFORMED', () => `Bearer: ${token()}`),
  authorization('an equals sign after the scheme', 'TOKEN_MALFORMED', () => `Bearer=${token()}`),
  authorization('the scheme alone', 'TOKEN_MALFORMED', () => 'Bearer'),
  authorization('the scheme with blanks', 'TOKEN_MALFORMED', () => 'Bearer    '),
  authorization('the token alone', 'CREDENTIALS_MISSING', token),
  ...['Token', 'JWT', 'HOBA', 'Digest', 'Negotiate', 'OAuth', 'Bearerx', 'xBearer', 'AWS4-HMAC-SHA256'].map(
    (scheme) =>
      authorization(
        `a scheme that nobody configured: ${scheme}`,
        'CREDENTIALS_MISSING',
        () => `${scheme} ${token()}`,
      ),
  ),
  row('a folded header line', 'REQUEST_MALFORMED', () => lines(`Authorization: Bearer`, ` ${token()}`), 400),
  row('a blank before the colon', 'REQUEST_MALFORMED', () => lines(`Authorization : Bearer ${token()}`), 400),
  row('a NUL in the line', 'REQUEST_MALFORMED', () => lines(`Authorization: Bearer ${token()}\u0000`), 400),
  row(
    'a lone line feed in the line',
    'REQUEST_MALFORMED',
    () => lines(`Authorization: Bearer ${token()}\nX: 1\r`),
    400,
  ),
  row('the token in Proxy-Authorization', 'CREDENTIALS_MISSING', () =>
    lines(`Proxy-Authorization: Bearer ${token()}`),
  ),
  row('the token in a look-alike of the header', 'CREDENTIALS_MISSING', () =>
    lines(`Authorization_: Bearer ${token()}`),
  ),
]

const places: readonly Row[] = [
  row('a bad token before a good cookie: the first place decides', 'TOKEN_SIGNATURE_INVALID', () =>
    lines(`Authorization: Bearer ${stranger.sign(good())}`, `Cookie: session=${token()}`),
  ),
  row('a bad header before a good cookie', 'TOKEN_MALFORMED', () =>
    lines('X-Token: nothing at all', `Cookie: session=${token()}`),
  ),
  row('a bad API key before a good token', 'TOKEN_MALFORMED', () =>
    lines('X-Api-Key: nothing at all', `Authorization: Bearer ${token()}`),
  ),
  row('two lines of a token header', 'TOKEN_MALFORMED', () =>
    lines(`X-Token: ${token()}`, `X-Token: ${token()}`),
  ),
  row('two lines of the key header', 'TOKEN_MALFORMED', () =>
    lines(`X-Api-Key: ${API_KEY.key}`, `X-Api-Key: ${API_KEY.key}`),
  ),
  row('a bad cookie counts as absent', 'CREDENTIALS_MISSING', () =>
    lines(`Cookie: session=${stranger.sign(good())}`),
  ),
  row('two cookies of one name', 'CREDENTIALS_MISSING', () =>
    lines(`Cookie: session=${token()}; session=${token()}`),
  ),
  row('two cookie lines', 'CREDENTIALS_MISSING', () =>
    lines(`Cookie: session=${token()}`, `Cookie: session=${stranger.sign(good())}`),
  ),
  row('a cookie in other case', 'CREDENTIALS_MISSING', () => lines(`Cookie: Session=${token()}`)),
  row('a cookie in quotes', 'CREDENTIALS_MISSING', () => lines(`Cookie: session="${token()}"`)),
  row('a cookie with the scheme', 'CREDENTIALS_MISSING', () => lines(`Cookie: session=Bearer ${token()}`)),
  row('a cookie under a name of Object', 'CREDENTIALS_MISSING', () => lines(`Cookie: __proto__=${token()}`)),
  row('a token in the query', 'CREDENTIALS_MISSING', () =>
    lines(`X-Forwarded-Uri: /?access_token=${token()}`),
  ),
]

const tables: readonly Row[] = [
  ...[STATIC_TOKEN.slice(0, -1), `${STATIC_TOKEN}0`, STATIC_TOKEN.toUpperCase(), `${STATIC_TOKEN}==`].map(
    (text) =>
      authorization(`a static token, nearly: ${text.slice(-6)}`, 'TOKEN_UNKNOWN', () => `Bearer ${text}`),
  ),
  authorization('the name of a static token', 'TOKEN_UNKNOWN', () => 'Bearer demo'),
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty'].map((text) =>
    authorization(`a token by a name of Object: ${text}`, 'TOKEN_UNKNOWN', () => `Bearer ${text}`),
  ),
  authorization(
    'an API key with another secret',
    'TOKEN_UNKNOWN',
    () => `Bearer ${API_KEY.id}_${'A'.repeat(43)}`,
  ),
  authorization(
    'an API key that nobody knows',
    'TOKEN_UNKNOWN',
    () => `Bearer rgk_00000000_${'A'.repeat(43)}`,
  ),
  authorization('the public part of an API key', 'TOKEN_UNKNOWN', () => `Bearer ${API_KEY.id}`),
  authorization('an API key, cut', 'TOKEN_UNKNOWN', () => `Bearer ${API_KEY.key.slice(0, -1)}`),
  authorization('an API key in upper case', 'TOKEN_UNKNOWN', () => `Bearer ${API_KEY.key.toUpperCase()}`),
  row('a JWT in the key header', 'TOKEN_MALFORMED', () => lines(`X-Api-Key: ${token()}`)),
  row('an API key with the scheme in the key header', 'TOKEN_MALFORMED', () =>
    lines(`X-Api-Key: Bearer ${API_KEY.key}`),
  ),
]

const passwords: readonly Row[] = (
  [
    ['a wrong password', 'BASIC_INVALID', basic('bob:wrong password of bob')],
    ['no password', 'BASIC_INVALID', basic('bob:')],
    ['an unknown user', 'BASIC_INVALID', basic(`eve:${PASSWORD}`)],
    ['the user in other case', 'BASIC_INVALID', basic(`BOB:${PASSWORD}`)],
    ['a user by a name of Object', 'BASIC_INVALID', basic(`__proto__:${PASSWORD}`)],
    ['the password with a blank more', 'BASIC_INVALID', basic(`bob:${PASSWORD} `)],
    ['a password longer than bcrypt reads', 'BASIC_INVALID', basic(`bob:${PASSWORD.padEnd(80, 'x')}`)],
    ['no colon', 'BASIC_MALFORMED', basic('bob')],
    ['no user', 'BASIC_MALFORMED', basic(`:${PASSWORD}`)],
    ['nothing', 'BASIC_MALFORMED', ''],
    ['a NUL after the user', 'BASIC_MALFORMED', basic(`bob\u0000:${PASSWORD}`)],
    ['a NUL after the password', 'BASIC_MALFORMED', basic(`bob:${PASSWORD}\u0000`)],
    ['a line break', 'BASIC_MALFORMED', basic(`bob:${PASSWORD}\r\n`)],
    ['Latin-1', 'BASIC_MALFORMED', basic(Buffer.from('bob:pässword of bob', 'latin1'))],
    ['no Base64', 'BASIC_MALFORMED', `bob:${PASSWORD.replaceAll(' ', '-')}`],
    ['Base64 without padding', 'BASIC_MALFORMED', basic('bob:1234').replace(/=+$/, '')],
    [
      'the alphabet of base64url',
      'BASIC_MALFORMED',
      Buffer.from('bob:???>>>???>>>pass').toString('base64url'),
    ],
    ['spare bits', 'BASIC_MALFORMED', 'Ym9iOm9='],
    ['a blank within', 'BASIC_MALFORMED', `${basic('bob:')} ${basic(PASSWORD)}`],
  ] satisfies [string, string, string][]
).map(([title, code, text]) => authorization(`Basic with ${title}`, code, () => `Basic ${text}`))

export const headerRows: readonly Row[] = [...merged, ...places, ...tables, ...passwords]

const control = (title: string, call: () => Call): Row => ({ title, call, status: 200, code: '' })

/** What hostile rows are next to. If one of these were refused, the refusals would say nothing. */
export const controlRows: readonly Row[] = [
  ...Object.entries(signers)
    .filter(([name]) => !['koblitz', 'other', 'stranger'].includes(name))
    .map(([name, signer]) => control(`a good token by ${name}`, () => bearer(signer.sign(good())))),
  control('a good static token', () => bearer(STATIC_TOKEN)),
  control('a good API key as bearer', () => bearer(API_KEY.key)),
  control('a good API key in its header', () => lines(`X-Api-Key: ${API_KEY.key}`)),
  control('a good password', () => lines(`Authorization: Basic ${basic(`bob:${PASSWORD}`)}`)),
  control('a good cookie', () => lines(`Cookie: a=b; session=${token()}`)),
  control('a good token in a header', () => lines(`X-Token: ${token()}`)),
  control('a scheme in other case', () => lines(`Authorization: bEARER   ${token()}`)),
]
