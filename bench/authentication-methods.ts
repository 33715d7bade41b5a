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
  /** How many new credentials a round has. */
  readonly count: number
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

/** Makes credentials beforehand where Regate has to know them from a file: enough for this many rounds. */
export async function createMethods(rounds: number): Promise<Methods> {
  const signers = ['RS256', 'ES256', 'EdDSA'].map((algorithm) => makeSigner(algorithm, algorithm))
  const [, es256 = makeSigner('ES256')] = signers
  const tokens = Array.from({ length: beforehand(1_000, rounds) }, () => randomUUID())
  const apiKeys = Array.from({ length: beforehand(1_000, rounds) }, makeApiKey)
  const passwords = await createPasswords(rounds)
  const certificates = createCertificates()
  return {
    keys: signers.map(({ jwk }) => jwk),
    files: {
      'tokens.yaml': tokens
        .map(
          (token, index) =>
            `t${index}: { sha256: ${digest('sha256', token)}, subject: ${USER}, roles: [reader] }`,
        )
        .join('\n'),
      'api-keys.yaml': apiKeys
        .map(({ id, key }) => `${id}: { sha256: ${digest('sha256', key)}, owner: ${USER}, roles: [reader] }`)
        .join('\n'),
      htpasswd: passwords.users.map(({ name, hash }) => `${name}:${hash}`).join('\n'),
      'users.yaml': [...passwords.users, { name: USER }]
        .map(({ name }) => `${name}: { roles: [reader, user], groups: [platform] }`)
        .join('\n'),
      'ca.pem': certificates.authority,
      secret: 'bench',
    },
    list: [
      { ...method('anonymous', 2_000, () => ''), user: undefined },
      ...signers.map((signer) =>
        method(`JWT ${String(signer.jwk['alg'])}`, 2_000, () => bearer(makeToken(signer))),
      ),
      method('static token', 1_000, given(tokens.map((token) => bearer(token)))),
      method('API key', 1_000, given(apiKeys.map(({ key }) => bearer(key)))),
      ...passwords.methods,
      method('introspection, opaque token', 500, () => bearer(randomUUID())),
      method('client certificate', 500, () => certificates.make().line),
      await createProved(es256),
      createBound(es256, certificates),
    ],
  }
}

/** Besides the rounds there are one to warm up and two single requests. */
function beforehand(count: number, rounds: number): number {
  return count * (rounds + 1) + 2
}

function method(name: string, count: number, makeLine: () => string): Method {
  return { name, user: USER, count, fresh: (wanted) => Array.from({ length: wanted }, makeLine) }
}

/** Each of them once. */
function given(lines: readonly string[]): () => string {
  const left = lines.values()
  return () => left.next().value ?? ''
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
    ...method('DPoP, token and proof by ES256', 1_000, () => prove(makeToken(signer, confirmation))),
    again: (count) => Array.from({ length: count }, () => prove(same)),
  }
}

function createBound(signer: Signer, { make }: ReturnType<typeof createCertificates>): Method {
  const { line, thumbprint } = make()
  const confirmation = { cnf: { 'x5t#S256': thumbprint } }
  return method(
    'JWT ES256, bound to a certificate',
    1_000,
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

/** Users who share a password and its hash: to check them costs the same, to make them nothing. */
async function createPasswords(rounds: number) {
  const password = randomUUID()
  const kinds = [
    {
      name: `Basic, bcrypt of cost ${BCRYPT_COST}`,
      count: 200,
      hash: await hashByBcrypt(password, { cost: BCRYPT_COST }),
    },
    {
      name: `Basic, argon2id of ${ARGON2_MEMORY / 1024} MiB and ${ARGON2_PASSES} passes`,
      count: 40,
      hash: await hashByArgon2(password, { memoryCost: ARGON2_MEMORY, timeCost: ARGON2_PASSES }),
    },
  ].map((kind, number) => {
    const toName = (_: unknown, index: number): string => `user-${number}-${index}`
    return { ...kind, names: Array.from({ length: beforehand(kind.count, rounds) }, toName) }
  })
  const toLine = (name: string) => bearer(Buffer.from(`${name}:${password}`).toString('base64'), 'Basic')
  return {
    users: kinds.flatMap(({ names, hash }) => names.map((name) => ({ name, hash }))),
    methods: kinds.map(({ name, count, names }) => ({
      ...method(name, count, given(names.map(toLine))),
      user: names[0],
    })),
  }
}
