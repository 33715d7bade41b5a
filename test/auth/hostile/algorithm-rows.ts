import { createHmac, hash, type KeyObject, sign } from 'node:crypto'
import { encode, type Signer, signToken } from '../make-signer.ts'
import { ed448, good, OTHER, refused, type Row, shortKey, signers, WEAK } from './workshop.ts'

const { rs256, ps256, es256, es384, es512, eddsa, koblitz, other, stranger } = signers

const unsigned = (header: object, claims: object = good()) =>
  `${encode(JSON.stringify(header))}.${encode(JSON.stringify(claims))}`

const splitAt = (token: string): readonly [data: string, signature: Buffer] => {
  const end = token.lastIndexOf('.')
  return [token.slice(0, end), Buffer.from(token.slice(end + 1), 'base64url')]
}

/** The same token with another signature. */
function resign(token: string, change: (signature: Buffer, data: string) => Buffer | string): string {
  const [data, signature] = splitAt(token)
  const changed = change(signature, data)
  return `${data}.${typeof changed === 'string' ? changed : changed.toString('base64url')}`
}

const hmac = (digest: string, secret: string | Buffer) => (data: Buffer) =>
  createHmac(digest, secret).update(data).digest()

const NONE = ['none', 'None', 'NONE', 'nOnE', 'none ', ' none', 'none\u0000', 'nonë', '', 'null', 'undefined']

const withoutSignature: readonly Row[] = [
  ...NONE.map((alg) =>
    refused(
      `alg ${JSON.stringify(alg)} and no signature`,
      'TOKEN_ALGORITHM_REFUSED',
      () => `${unsigned({ alg, kid: 'es256' })}.`,
    ),
  ),
  refused('alg none and a good signature of ES256', 'TOKEN_ALGORITHM_REFUSED', () =>
    es256.sign(good(), { alg: 'none' }),
  ),
  ...[null, true, 7, ['ES256'], { ES256: true }].map((alg) =>
    refused(`alg ${JSON.stringify(alg)}`, 'TOKEN_MALFORMED', () => es256.sign(good(), { alg })),
  ),
  refused('no alg', 'TOKEN_MALFORMED', () => es256.sign(good(), { alg: undefined })),
  ...[
    'es256',
    'Es256',
    'ES256 ',
    'ES257',
    'SHA256withECDSA',
    'ML-DSA-44',
    'dir',
    'A256GCM',
    'RSA-OAEP',
    'ECDH-ES',
    'PBES2-HS256+A128KW',
    '__proto__',
    'constructor',
  ].map((alg) =>
    refused(`alg ${alg} with a good signature of ES256`, 'TOKEN_ALGORITHM_REFUSED', () =>
      es256.sign(good(), { alg }),
    ),
  ),
]

/** Every text in which a library might hand the public key over as a shared secret. */
function publicTexts({ publicKey, jwk }: Signer): Record<string, string | Buffer> {
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
  return {
    PEM: pem,
    'PEM without the last line break': pem.trimEnd(),
    'PEM with Windows lines': pem.replaceAll('\n', '\r\n'),
    DER: publicKey.export({ type: 'spki', format: 'der' }),
    JWK: JSON.stringify(jwk),
    nothing: '',
    'its key id': String(jwk['kid']),
  }
}

const confused: readonly Row[] = Object.entries({ rs256, es256, eddsa } as Record<string, Signer>).flatMap(
  ([name, signer]) =>
    Object.entries(publicTexts(signer)).map(([form, secret], at) => {
      const alg = ['HS256', 'HS384', 'HS512'][at % 3] ?? 'HS256'
      return refused(`${alg} with the key of ${name} as its secret: ${form}`, 'TOKEN_ALGORITHM_REFUSED', () =>
        signToken(good(), { alg, kid: name }, hmac(`sha${alg.slice(2)}`, secret)),
      )
    }),
)

/** What is signed by the one, and says that it is the other. */
const PAIRS: readonly (readonly [signer: Signer, alg: string, kid: string, code: string])[] = [
  [rs256, 'PS256', 'rs256', 'TOKEN_KEY_UNKNOWN'],
  [rs256, 'RS512', 'rs256', 'TOKEN_KEY_UNKNOWN'],
  [rs256, 'ES256', 'es256', 'TOKEN_SIGNATURE_INVALID'],
  [rs256, 'EdDSA', 'eddsa', 'TOKEN_SIGNATURE_INVALID'],
  [ps256, 'RS256', 'ps256', 'TOKEN_KEY_UNKNOWN'],
  [ps256, 'RS256', 'rs256', 'TOKEN_SIGNATURE_INVALID'],
  [es256, 'RS256', 'es256', 'TOKEN_KEY_UNKNOWN'],
  [es256, 'RS256', 'rs256', 'TOKEN_SIGNATURE_INVALID'],
  [es256, 'PS256', 'ps256', 'TOKEN_SIGNATURE_INVALID'],
  [es256, 'ES384', 'es256', 'TOKEN_KEY_UNKNOWN'],
  [es256, 'ES384', 'es384', 'TOKEN_SIGNATURE_INVALID'],
  [es256, 'ES512', 'es512', 'TOKEN_SIGNATURE_INVALID'],
  [es256, 'EdDSA', 'eddsa', 'TOKEN_SIGNATURE_INVALID'],
  [es384, 'ES256', 'es256', 'TOKEN_SIGNATURE_INVALID'],
  [es512, 'ES384', 'es384', 'TOKEN_SIGNATURE_INVALID'],
  [eddsa, 'ES256', 'es256', 'TOKEN_SIGNATURE_INVALID'],
  [eddsa, 'RS256', 'rs256', 'TOKEN_SIGNATURE_INVALID'],
  [eddsa, 'Ed25519', 'eddsa', 'TOKEN_ALGORITHM_REFUSED'],
  [eddsa, 'Ed448', 'eddsa', 'TOKEN_ALGORITHM_REFUSED'],
  [koblitz, 'ES256K', 'koblitz', 'TOKEN_ALGORITHM_REFUSED'],
  [koblitz, 'ES256', 'koblitz', 'TOKEN_KEY_UNKNOWN'],
  [koblitz, 'ES256', 'es256', 'TOKEN_SIGNATURE_INVALID'],
]

const crossed: readonly Row[] = [
  ...PAIRS.map(([signer, alg, kid, code]) =>
    refused(`signed by ${String(signer.jwk['kid'])}, named ${alg} of ${kid}`, code, () =>
      signer.sign(good(), { alg, kid }),
    ),
  ),
  refused('a signature of Ed448 named EdDSA', 'TOKEN_SIGNATURE_INVALID', () =>
    signToken(good(), { alg: 'EdDSA', kid: 'eddsa' }, (data) => sign(null, data, ed448.privateKey)),
  ),
  refused('a key of another issuer', 'TOKEN_KEY_UNKNOWN', () => other.sign(good())),
  refused('the issuer of another key', 'TOKEN_KEY_UNKNOWN', () => es256.sign(good({ iss: OTHER }))),
  refused('the key id of an issuer, the key of nobody', 'TOKEN_SIGNATURE_INVALID', () =>
    stranger.sign(good()),
  ),
  refused('no key id where several keys fit', 'TOKEN_KEY_UNKNOWN', () =>
    es256.sign(good({ iss: WEAK }), { kid: undefined, alg: 'RS256' }),
  ),
]

const zeros = (bytes: number) => Buffer.alloc(bytes)
/** The order of P-256. */
const ORDER = 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551'

const signatures: readonly Row[] = [
  ...Object.entries({ rs256, ps256, es256, es384, es512, eddsa } as Record<string, Signer>).flatMap(
    ([name, signer]) => [
      refused(`${name}: one bit of the signature is another`, 'TOKEN_SIGNATURE_INVALID', () =>
        resign(signer.sign(good()), (signature) => Buffer.from(signature.with(7, (signature[7] ?? 0) ^ 1))),
      ),
      refused(`${name}: no signature`, 'TOKEN_SIGNATURE_INVALID', () =>
        resign(signer.sign(good()), () => ''),
      ),
      refused(`${name}: a signature of zeros`, 'TOKEN_SIGNATURE_INVALID', () =>
        resign(signer.sign(good()), ({ length }) => zeros(length)),
      ),
      refused(`${name}: a byte too short`, 'TOKEN_SIGNATURE_INVALID', () =>
        resign(signer.sign(good()), (signature) => signature.subarray(0, -1)),
      ),
      refused(`${name}: a byte too long`, 'TOKEN_SIGNATURE_INVALID', () =>
        resign(signer.sign(good()), (signature) => Buffer.concat([signature, zeros(1)])),
      ),
      refused(`${name}: a byte in front`, 'TOKEN_SIGNATURE_INVALID', () =>
        resign(signer.sign(good()), (signature) => Buffer.concat([zeros(1), signature])),
      ),
      refused(`${name}: another payload under the same signature`, 'TOKEN_SIGNATURE_INVALID', () => {
        const [header = '', , signature = ''] = signer.sign(good({ roles: [] })).split('.')
        return `${header}.${encode(JSON.stringify(good()))}.${signature}`
      }),
      refused(`${name}: another header under the same signature`, 'TOKEN_SIGNATURE_INVALID', () => {
        const [header = '', payload = '', signature = ''] = signer.sign(good()).split('.')
        const changed = { ...JSON.parse(Buffer.from(header, 'base64url').toString()), typ: 'JWT' }
        return `${encode(JSON.stringify(changed))}.${payload}.${signature}`
      }),
    ],
  ),
  refused('ES256 in DER', 'TOKEN_SIGNATURE_INVALID', () =>
    resign(es256.sign(good()), (_, data) => sign('sha256', Buffer.from(data), es256.privateKey)),
  ),
  ...(
    [
      ['r = 0', (signature) => Buffer.concat([zeros(32), signature.subarray(32)])],
      ['s = 0', (signature) => Buffer.concat([signature.subarray(0, 32), zeros(32)])],
      ['r = s = 1', () => Buffer.concat([zeros(31), Buffer.from([1]), zeros(31), Buffer.from([1])])],
      ['r = s = n', () => Buffer.from(ORDER + ORDER, 'hex')],
      ['r = n, s = 0', () => Buffer.concat([Buffer.from(ORDER, 'hex'), zeros(32)])],
      ['r and s swapped', (signature) => Buffer.concat([signature.subarray(32), signature.subarray(0, 32)])],
      ['all ones', () => Buffer.alloc(64, 0xff)],
    ] satisfies [string, (signature: Buffer) => Buffer][]
  ).map(([title, change]) =>
    refused(`ES256 with ${title}`, 'TOKEN_SIGNATURE_INVALID', () => resign(es256.sign(good()), change)),
  ),
  refused('EdDSA with the smallest points', 'TOKEN_SIGNATURE_INVALID', () =>
    resign(eddsa.sign(good()), () => Buffer.concat([Buffer.from([1]), zeros(63)])),
  ),
]

function signedAs(kid: string, key: KeyObject): string {
  return signToken(good({ iss: WEAK }), { alg: 'RS256', kid }, (data) => sign('sha256', data, key))
}

/** Whoever knows the padding signs for an exponent of 1. */
function forgeForExponentOne(): string {
  const prefix = Buffer.from('3031300d060960864801650304020105000420', 'hex')
  return signToken(good({ iss: WEAK }), { alg: 'RS256', kid: 'exponent-1' }, (data) => {
    const digest = hash('sha256', data, 'buffer')
    const padding = Buffer.alloc(256 - 3 - prefix.length - digest.length, 0xff)
    return Buffer.concat([Buffer.from([0, 1]), padding, Buffer.from([0]), prefix, digest])
  })
}

const weak: readonly Row[] = [
  refused('an RSA key of 1024 bits', 'TOKEN_KEY_UNKNOWN', () => signedAs('rsa-1024', shortKey)),
  refused(
    'an RSA key whose exponent is 1, for which anybody can sign',
    'TOKEN_KEY_UNKNOWN',
    forgeForExponentOne,
  ),
  refused('an RSA key whose exponent is 2', 'TOKEN_KEY_UNKNOWN', () =>
    signedAs('exponent-2', rs256.privateKey),
  ),
  refused('an RSA key for encryption', 'TOKEN_KEY_UNKNOWN', () => signedAs('encryption', rs256.privateKey)),
  refused('an RSA key without the operation verify', 'TOKEN_KEY_UNKNOWN', () =>
    signedAs('no-verify', rs256.privateKey),
  ),
  refused('a key of another issuer under a name of this one', 'TOKEN_SIGNATURE_INVALID', () =>
    es256.sign(good({ iss: WEAK }), { kid: 'good' }),
  ),
  ...['off-curve', 'infinity'].map((kid) =>
    refused(`an EC key that is no point of its curve: ${kid}`, 'TOKEN_KEY_UNKNOWN', () =>
      es256.sign(good({ iss: WEAK }), { kid }),
    ),
  ),
  refused('a key of Ed448', 'TOKEN_KEY_UNKNOWN', () =>
    signToken(good({ iss: WEAK }), { alg: 'EdDSA', kid: 'ed448' }, (data) =>
      sign(null, data, ed448.privateKey),
    ),
  ),
  refused('a shared secret that the issuer publishes', 'TOKEN_ALGORITHM_REFUSED', () =>
    signToken(good({ iss: WEAK }), { alg: 'HS256', kid: 'shared' }, hmac('sha256', 'shared secret')),
  ),
]

export const algorithmRows: readonly Row[] = [
  ...withoutSignature,
  ...confused,
  ...crossed,
  ...signatures,
  ...weak,
]
