import { hash as digest, randomUUID } from 'node:crypto'
import { hash as hashByArgon2 } from '@node-rs/argon2'
import { hash as hashByBcrypt } from '@node-rs/bcrypt'
import { makeApiKey } from '../src/auth/make-api-key.ts'
import { makeAuthority, makeCertificate } from '../test/auth/make-authority.ts'
import { confirmKey, makeProof } from '../test/auth/make-proof.ts'
import { makeSigner, type Signer } from '../test/auth/make-signer.ts'

/** One way of authentication, as the header lines that its requests have beside all others', joined by tabs. */
export interface Method {
  readonly name: string
  /** Whom the answer has to name. */
  readonly user: string | undefined
  /** Requests with a credential each that was never sent before. */
  readonly fresh: (count: number) => readonly string[]
  /** Requests with a credential that was sent before, where they differ all the same; absent: one request again and again. */
  readonly again?: (count: number) => readonly string[]
}

export interface Methods {
  readonly list: readonly Method[]
  /** What Regate has to be given: name → content. */
  readonly files: Readonly<Record<string, string>>
  /** Of the issuer. */
  readonly keys: readonly object[]
}

export const ISSUER = 'https://id.bench.example'
const USER = 'user-of-bench'
const BCRYPT_COST = 5
/** KiB and passes: the least that OWASP recommends. */
const [ARGON2_MEMORY, ARGON2_PASSES] = [19_456, 2]
const HOUR_MS = 3_600_000

/** `most` is the number of credentials that are made beforehand where Regate has to know them from a file. */
export async function createMethods(most: number): Promise<Methods> {
  const signers = ['RS256', 'ES256', 'EdDSA'].map((algorithm) => makeSigner(algorithm, algorithm))
  const [, es256 = makeSigner('ES256')] = signers
  const tokens = Array.from({ length: most }, () => randomUUID())
  const apiKeys = Array.from({ length: most }, makeApiKey)
  const passwords = await createPasswords(most)
  const certificates = createCertificates()
  const rows = <T>(values: readonly T[], toRow: (value: T, index: number) => string) =>
    values.map(toRow).join('\n')
  return {
    keys: signers.map(({ jwk }) => jwk),
    files: {
      'tokens.yaml': rows(
        tokens,
        (token, index) =>
          `t${index}: { sha256: ${digest('sha256', token)}, subject: ${USER}, roles: [reader] }`,
      ),
      'api-keys.yaml': rows(
        apiKeys,
        ({ id, key }) => `${id}: { sha256: ${digest('sha256', key)}, owner: ${USER}, roles: [reader] }`,
      ),
      htpasswd: rows(passwords.users, ({ name, hash }) => `${name}:${hash}`),
      'users.yaml': rows(
        [...passwords.users, { name: USER }],
        ({ name }) => `${name}: { roles: [reader, user], groups: [platform] }`,
      ),
      'ca.pem': certificates.authority,
      secret: 'bench',
    },
    list: [
      { ...method('anonymous', () => ''), user: undefined },
      ...signers.map((signer) => method(`JWT ${String(signer.jwk['alg'])}`, () => bearer(makeToken(signer)))),
      known(
        'static token',
        tokens.map((token) => bearer(token)),
      ),
      known(
        'API key',
        apiKeys.map(({ key }) => bearer(key)),
      ),
      ...passwords.methods,
      method('introspection, opaque token', () => bearer(randomUUID())),
      method('client certificate', () => certificates.make().line),
      await createProved(es256),
      createBound(es256, certificates),
    ],
  }
}

function method(name: string, makeLine: () => string): Method {
  return { name, user: USER, fresh: (count) => Array.from({ length: count }, makeLine) }
}

/** Those that lie in a file, each given out once. */
function known(name: string, lines: readonly string[], user = USER): Method {
  let given = 0
  return {
    name,
    user,
    fresh: (count) => {
      given += count
      return lines.slice(given - count, given)
    },
  }
}

function bearer(token: string, scheme = 'Bearer'): string {
  return `Authorization: ${scheme} ${token}`
}

function makeToken(signer: Signer, claims: object = {}): string {
  const nowSeconds = Math.floor(Date.now() / 1000)
  return signer.sign({
    iss: ISSUER,
    sub: USER,
    aud: 'bench',
    iat: nowSeconds,
    exp: nowSeconds + 3600,
    jti: randomUUID(),
    name: 'B. Enchmark',
    email: 'user@bench.example',
    roles: ['reader', 'user'],
    groups: ['platform', 'oncall'],
    note: 'x'.repeat(150),
    ...claims,
  })
}

/** Every request has a proof of its own: the same one twice is refused. */
async function createProved(signer: Signer): Promise<Method> {
  const holder = makeSigner('ES256')
  const confirmation = await confirmKey(holder)
  const url = 'https://bench.example.com/api/v1/items/42'
  const prove = (token: string): string => {
    const proof = makeProof(holder, { token, now: Math.floor(Date.now() / 1000), url })
    return `${bearer(token, 'DPoP')}\tDPoP: ${proof}`
  }
  const same = makeToken(signer, confirmation)
  return {
    ...method('DPoP (ES256 both)', () => prove(makeToken(signer, confirmation))),
    again: (count) => Array.from({ length: count }, () => prove(same)),
  }
}

function createBound(signer: Signer, { make }: ReturnType<typeof createCertificates>): Method {
  const { line, thumbprint } = make()
  const confirmation = { cnf: { 'x5t#S256': thumbprint } }
  return method(
    'JWT ES256, bound to a certificate',
    () => `${bearer(makeToken(signer, confirmation))}\t${line}`,
  )
}

function createCertificates() {
  const validity = { fromMs: Date.now() - HOUR_MS, untilMs: Date.now() + HOUR_MS }
  const issuer = makeAuthority('Bench', validity)
  const { keys } = issuer
  return {
    authority: issuer.pem,
    make: () => {
      const { der } = makeCertificate({ subject: USER, issuer, keys, ...validity })
      return {
        line: `X-Forwarded-Tls-Client-Cert: ${der.toString('base64')}`,
        thumbprint: digest('sha256', der, 'base64url'),
      }
    },
  }
}

/** Users who share a password and its hash: what it costs to check them is the same, and to make them nothing. */
async function createPasswords(most: number) {
  const password = randomUUID()
  const kinds = [
    {
      name: `Basic, bcrypt of cost ${BCRYPT_COST}`,
      hash: await hashByBcrypt(password, { cost: BCRYPT_COST }),
    },
    {
      name: `Basic, argon2id of ${ARGON2_MEMORY / 1024} MiB and ${ARGON2_PASSES} passes`,
      hash: await hashByArgon2(password, { memoryCost: ARGON2_MEMORY, timeCost: ARGON2_PASSES }),
    },
  ]
  const users = kinds.map(({ hash }, kind) =>
    Array.from({ length: most }, (_, index) => ({ name: `user-${kind}-${index}`, hash })),
  )
  const toLine = (name: string) => bearer(Buffer.from(`${name}:${password}`).toString('base64'), 'Basic')
  return {
    users: users.flat(),
    methods: kinds.map(({ name }, kind) =>
      known(name, users[kind]?.map((user) => toLine(user.name)) ?? [], `user-${kind}-0`),
    ),
  }
}
