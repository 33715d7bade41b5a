import { constants } from 'node:crypto'
import { expect, it } from 'vitest'
import { tokenBuiltins } from '../../../src/engine/builtins/token-builtins.ts'
import { parseJson } from '../../../src/engine/builtins/bytes/parse-json.ts'
import { type Answers, askOpa, askTable, type Call } from './ask-opa.ts'
import { idleContext } from './idle-context.ts'
import {
  ALGORITHMS,
  encode,
  type KeyName,
  privateJwk,
  publicJwk,
  publicPem,
  signWithKey,
  signWithSecret,
} from './token-bed.ts'

const CONTEXT = { ...idleContext, nowNs: () => BigInt(Date.now()) * 1_000_000n }
const NOW = Math.floor(Date.now() / 1000)
const SECRET = { kty: 'oct', k: Buffer.from('secret').toString('base64url') }

function ask(name: string, ...operands: unknown[]): Call {
  return [`io.jwt.${name}`, ...operands.map((operand) => JSON.stringify(operand))]
}

async function expectSame(calls: readonly Call[]): Promise<Answers> {
  const answers = await askOpa(calls)
  expect(askTable(tokenBuiltins, calls, CONTEXT)).toEqual(answers)
  return answers
}

/** Texts of one key: good ones, broken ones, and sets in which it is one of many. */
function keyTexts(name: KeyName, algorithm: string): string[] {
  const jwk = (more: object) => JSON.stringify(publicJwk(name, more))
  const pem = publicPem(name)
  return [
    pem,
    `${pem}\n`,
    `note\n${pem}`,
    ` ${pem}`,
    pem.replaceAll('\n', '\r\n'),
    pem.replaceAll('PUBLIC', 'RSA PUBLIC'),
    '',
    ...[
      {},
      { alg: algorithm },
      { alg: 'ES256K' },
      { alg: 'RS256' },
      { alg: 'no' },
      { alg: null },
      { kid: 1 },
    ].map(jwk),
    ...[
      { key_ops: ['x'] },
      { key_ops: 'verify' },
      { x5c: [] },
      { x5c: ['AAAA'] },
      { use: null },
      { d: null },
    ].map(jwk),
    ...[
      { n: '', x: '' },
      { n: '!', x: '!' },
      { e: 'AA', y: 'AA' },
      { e: 'Ag' },
      { e: 'AQ' },
      { crv: 'P-1' },
    ].map(jwk),
    ...[{ kty: 'XX' }, { kty: undefined }].map(jwk),
    `${jwk({})} null`,
    `${jwk({})} more`,
    JSON.stringify(privateJwk(name)),
    JSON.stringify(SECRET),
    '{}',
    'null',
    '[]',
    '{"keys":[]}',
    '{"keys":null}',
    '{"keys":[null]}',
    'no',
    JSON.stringify({
      keys: (['rsa', 'p256', 'p384', 'p521', 'ed25519'] as const).map((other) => publicJwk(other)),
    }),
    JSON.stringify({ keys: [publicJwk('p521', { kid: 'a' }), publicJwk(name)] }),
    JSON.stringify({ keys: [publicJwk(name, { kid: 'a', alg: 'HS256' })] }),
    JSON.stringify({ keys: [publicJwk(name, { kid: 'b', alg: 'RS512' })] }),
  ]
}

/** One for each type of key; the others differ in the digest alone. */
const TYPES: readonly string[] = ['RS256', 'PS384', 'ES256', 'EdDSA']

it('verifies each algorithm with keys in each form, and nothing with broken keys', async () => {
  const calls = ALGORITHMS.flatMap(([algorithm, key]) => {
    const tokens = [
      signWithKey(algorithm, { a: 1 }),
      signWithKey(algorithm, { a: 1.5 }, { header: { kid: 'a' } }),
    ]
    const texts = keyTexts(key, algorithm)
    return (TYPES.includes(algorithm) ? texts : texts.slice(0, 9)).flatMap((text) =>
      tokens.flatMap((token) => [
        ask(`verify_${algorithm.toLowerCase()}`, token, text),
        ask('decode_verify', token, { cert: text }),
      ]),
    )
  })
  const answers = Object.values(await expectSame(calls))
  expect(new Set(answers.map((answer) => answer.slice(0, 6)))).toEqual(
    new Set(['true', 'false', 'undefi', '[true,', '[false']),
  )
})

it('takes no signature that was touched, cut, padded or made by another algorithm', async () => {
  const calls = ALGORITHMS.flatMap(([algorithm, key]) => {
    const [head, body, mark = ''] = signWithKey(algorithm, {}).split('.')
    const bytes = Buffer.from(mark, 'base64url')
    const flipped = Buffer.from(bytes.map((byte, at) => (at === 5 ? byte ^ 1 : byte)))
    const marks = [
      '',
      'AA',
      '*',
      `${mark}=`,
      `${mark}==`,
      `${mark}AA`,
      mark.slice(0, -3),
      encode(flipped),
      encode(Buffer.alloc(64)),
    ]
    const half = bytes.length / 2
    const padded = Buffer.concat([
      Buffer.alloc(3),
      bytes.subarray(0, half),
      Buffer.alloc(3),
      bytes.subarray(half),
    ])
    const tokens = [...marks, encode(padded)].map((one) => `${head}.${body}.${one}`)
    const names = [
      'verify_rs256',
      'verify_ps256',
      'verify_es256',
      'verify_es512',
      'verify_eddsa',
      `verify_${algorithm.toLowerCase()}`,
    ]
    return [...tokens, `${head}.${body}.${mark}`].flatMap((token) => [
      ...names.map((name) => ask(name, token, publicPem(key))),
      ask('decode_verify', token, { cert: publicPem(key) }),
    ])
  })
  await expectSame(calls)
})

it('draws the lines where OPA draws them: salts, curves, names of algorithms, secrets as keys', async () => {
  const salts = [0, 20, constants.RSA_PSS_SALTLEN_MAX_SIGN].map((salt) => signWithKey('PS256', {}, { salt }))
  const curve = signWithKey('ES256', {}, { key: 'p384' })
  const names = ['HMAC_WITH_SHA256', 'hs256', 'none', '', 'HS512'].map((alg) => signWithSecret({}, { alg }))
  const sets = [
    SECRET,
    { ...SECRET, alg: 'HS256' },
    { ...SECRET, alg: 'RS256' },
    { kty: 'oct', k: '' },
    { kty: 'oct' },
  ]
  await expectSame([
    ...salts.flatMap((token) => [
      ask('verify_ps256', token, publicPem('rsa')),
      ask('decode_verify', token, { cert: publicPem('rsa') }),
    ]),
    ask('verify_es256', curve, publicPem('p384')),
    ask('decode_verify', curve, { cert: publicPem('p384') }),
    ...names.map((token) => ask('decode_verify', token, { secret: 'secret' })),
    ...sets.map((set) => ask('decode_verify', signWithSecret({}), { cert: JSON.stringify(set) })),
    ...['secret', '', 'other', 1].flatMap((secret) =>
      ['256', '384', '512'].map((size) => ask(`verify_hs${size}`, signWithSecret({}), secret)),
    ),
  ])
})

it('holds claims against constraints and against the clock of the evaluation', async () => {
  const payloads = [
    {},
    { iss: 'i' },
    { aud: 'u' },
    { aud: ['v', 'u'] },
    { aud: [1] },
    { aud: 5 },
    { aud: '' },
    { exp: NOW + 9000 },
    { exp: NOW - 9000 },
    { exp: 'x' },
    { exp: null },
    { nbf: NOW + 9000 },
    { nbf: 1 },
    { nbf: null },
    { exp: 100.5 },
    'no',
    '[1]',
    '{"exp":1e400}',
    '{"exp":-1e400}',
    '{"a":1,"a":2}',
    '{"a":1.10}',
    '{"a":"\\ud800"}',
    '{"a":1} null',
    '{"a":1}}',
    '{"__proto__":{"x":1}}',
    Buffer.from('7b2261223a22e282ff227d', 'hex'),
    '',
    '{"nbf":99.9999999999999999999}',
  ]
  const constraints = [
    {},
    { iss: 'i' },
    { iss: 1 },
    { aud: 'u' },
    { aud: '' },
    { alg: 'HS256' },
    { alg: 'RS256' },
    { time: 100e9 },
    { time: 0 },
    { time: -1 },
    { time: '1' },
    { time: 1e300 },
    { other: 1 },
    { cert: publicPem('rsa') },
    { secret: '' },
  ]
  await expectSame([
    ...payloads.flatMap((payload) =>
      constraints.map((one) => ask('decode_verify', signWithSecret(payload), { secret: 'secret', ...one })),
    ),
    ...payloads.map((payload) => ask('decode', signWithSecret(payload))),
  ])
})

it('reads headers as OPA does: nested tokens, critical parameters, encrypted tokens', async () => {
  const headers = [
    { cty: 'JWT' },
    { cty: 'jwt' },
    { cty: 'x' },
    { crit: ['a'] },
    { crit: ['a'], a: 1 },
    { crit: [] },
    { crit: 'a' },
    { crit: [1] },
    { crit: ['a', 1, 'b'], b: 1 },
    { crit: ['alg'] },
    { enc: null },
    { kid: 1 },
    { typ: null },
    { alg: 5 },
  ]
  const inner = signWithSecret({ x: 1 })
  const payloads = [inner, `"${inner}"`, signWithSecret(inner, { cty: 'JWT' }), { x: 1 }]
  const tokens = headers.flatMap((header) => payloads.map((payload) => signWithSecret(payload, header)))
  await expectSame(
    tokens.flatMap((token) => [
      ask('decode', token),
      ask('decode_verify', token, { secret: 'secret' }),
      ask('verify_hs256', token, 'secret'),
      ask('verify_rs256', token, publicPem('rsa')),
    ]),
  )
})

it('answers undefined to what is no token and to operands of other types', async () => {
  const texts = [
    '',
    '.',
    '..',
    '...',
    'a.b.c',
    'e30.e30.',
    'e30.e30.AA',
    'e30=.e30.AA',
    'e30==.e30.AA',
    'e30\n.e30.AA',
    'e\n30.e30.AA',
  ]
  const more = [
    'e30.e30.A',
    'W10.e30.AA',
    'e30.W10.AA',
    'e30.e30.AB',
    'e30.e30.+/',
    'é.e30.AA',
    1,
    null,
    [],
    {},
    true,
  ]
  await expectSame(
    [...texts, ...more].flatMap((text) => [
      ask('decode', text),
      ask('decode_verify', text, { secret: 's' }),
      ask('decode_verify', text, []),
      ask('verify_hs256', text, 's'),
      ask('verify_es256', text, publicPem('p256')),
      ask('encode_sign_raw', text, '{}', JSON.stringify(SECRET)),
    ]),
  )
})

it('signs as OPA does where signatures are the same each time', async () => {
  const values = [{ z: 1, a: '<&>\u2028é\b\u007f', b: [1.5, null, { c: {} }] }, [], 'text', null]
  const keys = [
    SECRET,
    privateJwk('rsa'),
    privateJwk('rsa', { dp: undefined, qi: undefined }),
    publicJwk('rsa'),
    { keys: [] },
    {},
    null,
  ]
  const odd = [privateJwk('rsa', { p: undefined }), privateJwk('rsa', { d: 'AQAB' }), { keys: [SECRET, 1] }]
  const signing = (algorithm: string) =>
    algorithm === 'EdDSA' ? [privateJwk('ed25519'), publicJwk('ed25519')] : [...keys, ...odd]
  const calls = ['HS256', 'HS512', 'RS256', 'RS512', 'EdDSA', 'none'].flatMap((alg) =>
    signing(alg).flatMap((key) => [
      ...values.map((value) => ask('encode_sign', { typ: 'JWT', alg }, value, key)),
      ...['{"b":1, "a":2}', 'no', '1 null', ''].flatMap((payload) =>
        [{ alg }, { alg, typ: 'text/plain' }].map((header) =>
          ask('encode_sign_raw', JSON.stringify(header), payload, JSON.stringify(key)),
        ),
      ),
    ]),
  )
  await expectSame([
    ...calls,
    [
      'io.jwt.encode_sign',
      '{"alg": "HS256", "s": {2, 1}}',
      '{1: {"b", "a"}, [2]: 3}',
      JSON.stringify(SECRET),
    ],
  ])
})

it('signs what OPA verifies, and verifies what OPA signs', async () => {
  const signs = ALGORITHMS.map(([alg, key]) => ask('encode_sign', { alg }, { a: 1 }, privateJwk(key)))
  const read = (answers: Answers) => Object.values(answers).map((answer) => parseJson(answer))
  const [theirs, ours] = [read(await askOpa(signs)), read(askTable(tokenBuiltins, signs, CONTEXT))]
  const verify = ([alg, key]: (typeof ALGORITHMS)[number], token: unknown) =>
    ask(`verify_${alg.toLowerCase()}`, token, publicPem(key))
  const answers = await expectSame(
    ALGORITHMS.flatMap((one, at) => [verify(one, theirs[at]), verify(one, ours[at])]),
  )
  expect(new Set(Object.values(answers))).toEqual(new Set(['true']))
})

it('stays quick and never throws on large and deep tokens', () => {
  const deep = encode(`{"a":${'['.repeat(9000)}${']'.repeat(9000)}}`)
  const tokens = [
    `${'.'.repeat(1e6)}`,
    `${'A'.repeat(1e6)}.e30.AA`,
    `e30.${deep}.AA`,
    `e30.${encode('['.repeat(1e6))}.AA`,
    `\ud800.e30.AA`,
  ]
  const keys = [
    '{'.repeat(1e5),
    `-----BEGIN ${'\n-----END '.repeat(1e5)}`,
    ' '.repeat(1e6),
    `${'[1,'.repeat(1e5)}`,
  ]
  const started = performance.now()
  for (const token of tokens) {
    for (const key of keys) tokenBuiltins['io.jwt.verify_rs256']?.([token, key], CONTEXT)
    tokenBuiltins['io.jwt.decode']?.([token], CONTEXT)
  }
  expect(performance.now() - started).toBeLessThan(2000)
})
