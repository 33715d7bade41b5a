import { generateKeyPairSync, sign } from 'node:crypto'
import { encode } from '../make-signer.ts'
import { bearer, good, ISSUER, NOW, refused, type Row, signers } from './workshop.ts'

const { es256, eddsa, rs256, stranger } = signers

/** The parts of a good token, changed. */
function reshape(change: (parts: readonly [string, string, string]) => string, signer = es256): string {
  const [header = '', payload = '', signature = ''] = signer.sign(good()).split('.')
  return change([header, payload, signature])
}

/** Another spelling of the same bytes: a bit that the last character does not need is set. */
function withSpareBit(part: string): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return `${part.slice(0, -1)}${letters[letters.indexOf(part.at(-1) ?? '') + 1]}`
}

/** Signs exactly these parts, whatever they are. */
function signParts(header: string, payload: string): string {
  const data = `${header}.${payload}`
  const key = { key: es256.privateKey, dsaEncoding: 'ieee-p1363' } as const
  return `${data}.${sign('sha256', Buffer.from(data), key).toString('base64url')}`
}

const HEADER = '{"alg":"ES256","kid":"es256"}'
const signTexts = (header: string | Buffer, payload: string | Buffer = JSON.stringify(good())): string =>
  signParts(toPart(header), toPart(payload))

function toPart(content: string | Buffer): string {
  return Buffer.from(content).toString('base64url')
}

/** A text whose base64url has bits to spare. */
function padTo(text: string, rest: number): string {
  return text.padEnd(text.length + ((3 + rest - (text.length % 3)) % 3), ' ')
}

const spellings: readonly Row[] = [
  refused('the signature in another spelling of the same bytes', 'TOKEN_MALFORMED', () =>
    reshape(([header, payload, signature]) => `${header}.${payload}.${withSpareBit(signature)}`),
  ),
  refused('a signature of EdDSA in another spelling', 'TOKEN_MALFORMED', () =>
    reshape(([header, payload, signature]) => `${header}.${payload}.${withSpareBit(signature)}`, eddsa),
  ),
  refused('a signature of RS256 in another spelling', 'TOKEN_MALFORMED', () =>
    reshape(([header, payload, signature]) => `${header}.${payload}.${withSpareBit(signature)}`, rs256),
  ),
  refused('the header in another spelling, signed so', 'TOKEN_MALFORMED', () =>
    signParts(withSpareBit(toPart(padTo(HEADER, 1))), toPart(JSON.stringify(good()))),
  ),
  refused('the payload in another spelling, signed so', 'TOKEN_MALFORMED', () =>
    signParts(toPart(HEADER), withSpareBit(toPart(padTo(JSON.stringify(good()), 2)))),
  ),
  refused('a part with one character too many', 'TOKEN_MALFORMED', () =>
    reshape(([header, payload, signature]) => `${header}.${payload}.${signature}AAA`),
  ),
  refused('padding after the signature', 'TOKEN_MALFORMED', () => reshape((parts) => `${parts.join('.')}==`)),
  refused('padding after the header, signed so', 'TOKEN_MALFORMED', () =>
    signParts(`${toPart(padTo(HEADER, 1))}==`, toPart(JSON.stringify(good()))),
  ),
  refused('the alphabet of Base64', 'TOKEN_MALFORMED', () =>
    reshape(([header, payload]) => `${header}.${payload}.${'+/'.repeat(43)}`),
  ),
  ...[' ', '%', '\t', '\u00a0', '*', '"', "'", '`', '{', ':', '\u0001'].map((character) =>
    refused(
      `${JSON.stringify(character)} within the payload`,
      character === '\u0001' ? 'REQUEST_MALFORMED' : 'TOKEN_MALFORMED',
      () =>
        reshape(
          ([header, payload, signature]) =>
            `${header}.${payload.slice(0, 9)}${character}${payload.slice(9)}.${signature}`,
        ),
      character === '\u0001' ? 400 : 401,
    ),
  ),
  refused('percent-encoding', 'TOKEN_MALFORMED', () => reshape((parts) => parts.join('%2E'))),
  refused('quotes around the token', 'TOKEN_MALFORMED', () => reshape((parts) => `"${parts.join('.')}"`)),
  refused('the two halves of another token joined', 'TOKEN_SIGNATURE_INVALID', () => {
    const [header, payload] = es256.sign(good({ roles: [] })).split('.')
    return `${header}.${payload}.${stranger.sign(good()).split('.')[2]}`
  }),
]

const parts: readonly Row[] = [
  ...(
    [
      ['no signature and no dot', ([header, payload]) => `${header}.${payload}`],
      ['only a header', ([header]) => header],
      ['five parts, as a JWE has', (all) => [...all, all[0], all[1]].join('.')],
      ['four parts', (all) => `${all.join('.')}.`],
      ['a dot in front', (all) => `.${all.join('.')}`],
      ['dots alone', () => '....'],
    ] satisfies [string, (all: readonly [string, string, string]) => string][]
  ).map(([title, change]) => refused(title, 'TOKEN_UNKNOWN', () => reshape(change))),
  refused('two dots', 'TOKEN_MALFORMED', () => '..'),
  refused('no header', 'TOKEN_MALFORMED', () =>
    reshape(([, payload, signature]) => `.${payload}.${signature}`),
  ),
  refused('no payload', 'TOKEN_MALFORMED', () =>
    reshape(([header, , signature]) => `${header}..${signature}`),
  ),
  refused('the JSON serialization of a JWS', 'TOKEN_MALFORMED', () =>
    reshape(([header, payload, signature]) =>
      JSON.stringify({ payload, signatures: [{ protected: header, signature }] }),
    ),
  ),
  refused('a JWE with an encrypted key', 'TOKEN_UNKNOWN', () =>
    [encode('{"alg":"RSA-OAEP","enc":"A256GCM","kid":"rs256"}'), 'a2V5', 'aXY', 'Y2lwaGVy', 'dGFn'].join('.'),
  ),
  refused('a JWE with a direct key', 'TOKEN_UNKNOWN', () =>
    [encode('{"alg":"dir","enc":"A128GCM"}'), '', 'aXY', 'Y2lwaGVy', 'dGFn'].join('.'),
  ),
  refused('a good token within a good token', 'TOKEN_MALFORMED', () =>
    signTexts('{"alg":"ES256","kid":"es256","cty":"JWT"}', es256.sign(good())),
  ),
  refused('a good token in quotes within a good token', 'TOKEN_MALFORMED', () =>
    signTexts(HEADER, JSON.stringify(es256.sign(good()))),
  ),
]

const contents: readonly Row[] = [
  ...Object.entries({
    'a list': '[]',
    null: 'null',
    'a number': '7',
    'a text': '"{}"',
    nothing: '',
    blanks: '   ',
    'two objects': '{}{}',
    'an open object': '{"alg":"ES256"',
    'a comma too many': '{"alg":"ES256",}',
    'single quotes': "{'alg':'ES256'}",
    'a comment': '{"alg":"ES256"}//',
    NaN: '{"alg":"ES256","x":NaN}',
    'a control character': '{"alg":"ES256","x":"\u0000"}',
  }).flatMap(([title, text]) => [
    refused(`${title} as header`, 'TOKEN_MALFORMED', () => signTexts(text)),
    refused(`${title} as payload`, 'TOKEN_MALFORMED', () => signTexts(HEADER, text)),
  ]),
  refused('a header that begins with a byte order mark', 'TOKEN_MALFORMED', () =>
    signTexts(`\ufeff${HEADER}`),
  ),
  refused('a payload that begins with a byte order mark', 'TOKEN_MALFORMED', () =>
    signTexts(HEADER, `\ufeff${JSON.stringify(good())}`),
  ),
  refused('a header in UTF-16', 'TOKEN_MALFORMED', () => signTexts(Buffer.from(HEADER, 'utf16le'))),
  refused('a payload in UTF-16', 'TOKEN_MALFORMED', () =>
    signTexts(HEADER, Buffer.from(JSON.stringify(good()), 'utf16le')),
  ),
  refused('a payload in Latin-1', 'TOKEN_MALFORMED', () =>
    signTexts(HEADER, Buffer.from(JSON.stringify(good({ name: 'André' })), 'latin1')),
  ),
  refused('an overlong byte sequence', 'TOKEN_MALFORMED', () =>
    signTexts(HEADER, Buffer.concat([Buffer.from('{"sub":"'), Buffer.from([0xc0, 0xaf]), Buffer.from('"}')])),
  ),
  refused('half a surrogate pair in UTF-8', 'TOKEN_MALFORMED', () =>
    signTexts(
      HEADER,
      Buffer.concat([Buffer.from('{"sub":"'), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('"}')]),
    ),
  ),
  refused('alg twice, the last one none', 'TOKEN_ALGORITHM_REFUSED', () =>
    signTexts('{"alg":"ES256","kid":"es256","alg":"none"}'),
  ),
  refused('alg twice, the last one HS256', 'TOKEN_ALGORITHM_REFUSED', () =>
    signTexts('{"alg":"ES256","kid":"es256","\\u0061lg":"HS256"}'),
  ),
  refused('kid twice, the last one unknown', 'TOKEN_KEY_UNKNOWN', () =>
    signTexts('{"alg":"ES256","kid":"es256","kid":"other"}'),
  ),
  refused('exp twice, the last one past', 'TOKEN_EXPIRED', () =>
    signTexts(HEADER, JSON.stringify(good()).replace('}', `,"exp":${NOW - 999}}`)),
  ),
  refused('aud twice, the last one foreign', 'TOKEN_AUDIENCE_INVALID', () =>
    signTexts(HEADER, JSON.stringify(good()).replace('}', ',"aud":"mail"}')),
  ),
  refused('iss twice, the last one unknown', 'TOKEN_ISSUER_UNKNOWN', () =>
    signTexts(HEADER, JSON.stringify(good()).replace('}', ',"iss":"https://evil"}')),
  ),
  refused(
    'roles twice, the last ones none',
    'POLICY_DENIED',
    () => signTexts(HEADER, JSON.stringify(good()).replace('}', ',"roles":[]}')),
    403,
  ),
  refused('an alg that only the prototype has', 'TOKEN_MALFORMED', () =>
    signTexts('{"__proto__":{"alg":"ES256"},"kid":"es256"}'),
  ),
]

const KID_CODE = 'TOKEN_KEY_UNKNOWN'
const kids: readonly Row[] = [
  ...[
    '../../../../dev/null',
    '/dev/null',
    'file:///etc/passwd',
    '..%2f..%2fkeys.json',
    'keys.json',
    "es256' OR '1'='1",
    "x'; DROP TABLE keys;--",
    "x' UNION SELECT 'secret",
    '$(id)',
    '`id`',
    '|id',
    'es256\u0000',
    '\u0000',
    'es256\n',
    'ES256',
    ' es256',
    '',
    'ｅｓ２５６',
    '__proto__',
    'constructor',
    'toString',
    '${jndi:ldap://127.0.0.1/x}',
    '{{7*7}}',
    'x'.repeat(8_000),
    '\ud800',
  ].map((kid) =>
    refused(`kid ${JSON.stringify(kid.slice(0, 40))}`, KID_CODE, () => es256.sign(good(), { kid })),
  ),
  ...[7, null, true, ['es256'], { es256: true }].map((kid) =>
    refused(`kid ${JSON.stringify(kid)}`, 'TOKEN_MALFORMED', () => es256.sign(good(), { kid })),
  ),
]

const mine = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const jwk = { ...mine.publicKey.export({ format: 'jwk' }), kid: 'es256', alg: 'ES256', use: 'sig' }
const signMine = (header: object) => {
  const data = `${encode(JSON.stringify({ alg: 'ES256', kid: 'es256', ...header }))}.${encode(JSON.stringify(good()))}`
  const key = { key: mine.privateKey, dsaEncoding: 'ieee-p1363' } as const
  return bearer(`${data}.${sign('sha256', Buffer.from(data), key).toString('base64url')}`)
}
const certificate = Buffer.from('not a certificate').toString('base64')
const FORGED = 'TOKEN_SIGNATURE_INVALID'
const embedded: readonly Row[] = [
  refused('the key in the header: jwk', FORGED, () => signMine({ jwk })),
  refused('the key in the header, and no kid', 'TOKEN_SIGNATURE_INVALID', () =>
    signMine({ jwk, kid: 'es256' }),
  ),
  refused('the private key in the header', FORGED, () =>
    signMine({ jwk: mine.privateKey.export({ format: 'jwk' }) }),
  ),
  refused('a place of keys in the header: jku', FORGED, (trap) => signMine({ jku: trap })),
  refused('a place of keys in the header, as its kid', KID_CODE, (trap) =>
    signMine({ jku: trap, kid: trap }),
  ),
  refused('a place of a certificate in the header: x5u', FORGED, (trap) => signMine({ x5u: trap })),
  refused('a certificate in the header: x5c', FORGED, () => signMine({ x5c: [certificate] })),
  refused('the digest of a certificate: x5t', FORGED, () => signMine({ x5t: 'AAAA', 'x5t#S256': 'AAAA' })),
  refused('all of them', FORGED, (trap) => signMine({ jwk, jku: trap, x5u: trap, x5c: [certificate] })),
  refused('a file as place of keys', FORGED, () => signMine({ jku: 'file:///etc/passwd' })),
  refused('a trap as issuer', 'TOKEN_ISSUER_UNKNOWN', (trap) =>
    bearer(es256.sign(good({ iss: trap.replace('/jwks.json', '') }))),
  ),
]

const extensions: readonly Row[] = [
  ...[
    { crit: ['exp'] },
    { crit: [] },
    { crit: 'exp' },
    { crit: null },
    { crit: ['b64'], b64: false },
    { crit: ['b64'], b64: true },
    { b64: false },
    { b64: true },
    { crit: ['http://example.com/UNDEFINED'], 'http://example.com/UNDEFINED': true },
  ].map((header) =>
    refused(`an extension: ${JSON.stringify(header)}`, 'TOKEN_MALFORMED', () => es256.sign(good(), header)),
  ),
  refused('a payload that is not encoded (RFC 7797)', 'TOKEN_MALFORMED', () => {
    const header = encode('{"alg":"ES256","kid":"es256","b64":false,"crit":["b64"]}')
    return signParts(header, JSON.stringify(good({ iss: ISSUER })))
  }),
  ...[
    'dpop+jwt',
    'logout+jwt',
    'secevent+jwt',
    'JWE',
    'JOSE',
    '',
    ' JWT',
    'JWT ',
    'text/jwt',
    'at+jwt;x',
    7,
    null,
    ['JWT'],
  ].map((typ) =>
    refused(`typ ${JSON.stringify(typ)}`, 'TOKEN_TYPE_INVALID', () => es256.sign(good(), { typ })),
  ),
]

export const formRows: readonly Row[] = [
  ...spellings,
  ...parts,
  ...contents,
  ...kids,
  ...embedded,
  ...extensions,
]
