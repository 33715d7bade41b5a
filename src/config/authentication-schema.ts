import { z } from 'zod'
import { certificatesSchema } from './certificates-schema.ts'
import { claimSettings, withClaims } from './claims-schema.ts'
import { introspectionSchema } from './introspection-schema.ts'
import { parseHeaderName } from './parse-header-name.ts'
import { parseKeyUrl, isUnprotected } from './parse-key-url.ts'
import { expected, parsedText, quote, text } from './parsed.ts'
import { parseTokenPlace } from './parse-token-place.ts'
import { duration, file, flag, list, section, size, uniqueBy } from './setting.ts'

/** Asymmetric signatures only: a shared secret would let every reader of a key make tokens. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'ES256K',
  'EdDSA',
  'Ed25519',
] as const

/** The section `authentication`. File names are taken from `folder`, where they are not absolute. */
export function authenticationSchema(folder: string) {
  return z.strictObject(
    {
      realm: realm().default('regate'),
      from: list(tokenPlace(), 'authorization, cookie:<name> or header:<name>')
        .check(uniqueBy(placeKey))
        .default([{ kind: 'authorization' }]),
      jwt: z
        .array(issuerSchema(folder), expected('a list of issuers'))
        .check(uniqueBy(issuerKey, 'issuer'))
        .default([]),
      introspection: z
        .array(introspectionSchema(folder), expected('a list of introspection servers'))
        .default([]),
      tokens: z.exactOptional(z.strictObject({ file: file(folder) }, expected('{ file: tokens.yaml }'))),
      apiKeys: z.exactOptional(
        z.strictObject(
          { file: file(folder, '`regate key new` makes it'), header: z.exactOptional(keyHeader()) },
          expected('{ file: api-keys.yaml }'),
        ),
      ),
      basic: z.exactOptional(
        z.strictObject(
          { htpasswd: file(folder), users: z.exactOptional(file(folder)) },
          expected('{ htpasswd: users.htpasswd }'),
        ),
      ),
      certificates: z.exactOptional(certificatesSchema(folder)),
      dpop: z.exactOptional(proofSchema(folder)),
      revocations: z.exactOptional(
        z.strictObject({ file: file(folder, 'an empty list is []') }, expected('{ file: revocations.yaml }')),
      ),
      keyFetch: section({
        timeout: duration('100ms', '30s').default(5000),
        // An issuer that was down is asked again within 30 s.
        cooldown: duration('1s', '30s').default(10_000),
        maxSize: size('1KiB', '16MiB').default(1024 ** 2),
        maxAge: duration('10s', '24h').default(600_000),
        maxStale: duration('0s', '168h').default(3_600_000),
      }).prefault({}),
    },
    expected('a mapping'),
  )
}

/** Quotes and controls would end the `realm="…"` of a challenge. */
function realm() {
  const pattern = /^[A-Za-z0-9 ._:/-]{1,100}$/
  return text('a name such as regate').regex(pattern, {
    error: ({ input }) => `${quote(input)} is no realm; write letters, digits, spaces and . _ : / -`,
  })
}

function tokenPlace() {
  return parsedText('authorization, cookie:<name> or header:<name>', parseTokenPlace)
}

/** In lower case. */
function keyHeader() {
  return parsedText('a header name such as X-Api-Key', (name) => {
    const parsed = parseHeaderName(name)
    return 'problem' in parsed ? parsed : { value: parsed.value.toLowerCase() }
  })
}

function issuerSchema(folder: string) {
  return z
    .strictObject(
      {
        issuer: text('the exact value of iss'),
        audiences: list(text('an audience'), 'audiences such as [wiki]'),
        keys: keysSchema(folder).prefault('discovery'),
        algorithms: list(algorithm(), 'names such as RS256').default(['RS256', 'ES256', 'EdDSA']),
        clockTolerance: duration('0s', '60s').default(10_000),
        allowHttp: flag().default(false),
        ...claimSettings(),
        accessTokensOnly: flag().default(false),
        maxAge: z.exactOptional(duration('1s', '8760h')),
        maxSignInAge: z.exactOptional(duration('1s', '8760h')),
      },
      expected('a mapping with issuer and audiences'),
    )
    .check(z.superRefine(checkKeySource, { when: () => true }))
    .transform(withClaims)
}

function proofSchema(folder: string) {
  const shape = {
    proofMaxAge: duration('1s', '10m').default(60_000),
    clockTolerance: duration('0s', '60s').default(10_000),
    algorithms: list(algorithm(), 'names such as ES256').default(['ES256', 'EdDSA', 'RS256', 'PS256']),
    nonce: flag().default(false),
    nonceSecretFile: z.exactOptional(file(folder)),
  }
  return z.strictObject(shape, expected('{} for the defaults'))
}

function algorithm() {
  return z.enum(ALGORITHMS, {
    error: ({ input }) =>
      `${quote(input)} is not an asymmetric signature algorithm; write one of ${ALGORITHMS.join(', ')}`,
  })
}

function keysSchema(folder: string) {
  const mapping = z.strictObject(
    {
      discovery: z.exactOptional(z.literal(true)),
      url: z.exactOptional(parsedText('the URL of a key set', parseKeyUrl)),
      file: z.exactOptional(file(folder)),
    },
    expected('discovery, { url: … } or { file: … }'),
  )
  const exactlyOne = mapping.check(
    z.refine((keys) => Object.keys(keys).length === 1, {
      error: 'names no source of keys, or several; write discovery, { url: … } or { file: … }',
    }),
  )
  return z.preprocess((keys) => (keys === 'discovery' ? { discovery: true } : keys), exactlyOne)
}

interface KeySource {
  readonly issuer: unknown
  readonly keys: { readonly discovery?: unknown; readonly url?: unknown } | undefined
  readonly allowHttp: unknown
}

/** What keys are fetched by has to be a URL that protects them. */
function checkKeySource({ issuer, keys, allowHttp }: KeySource, context: z.RefinementCtx): void {
  if (keys?.discovery === true && typeof issuer === 'string') {
    const parsed = parseKeyUrl(issuer)
    if ('problem' in parsed)
      report(context, ['issuer'], `${parsed.problem}, or name the keys of this issuer under keys`)
    else if (allowHttp !== true && isUnprotected(issuer)) report(context, ['issuer'], unprotected(issuer))
  }
  if (allowHttp !== true && typeof keys?.url === 'string' && isUnprotected(keys.url))
    report(context, ['keys', 'url'], unprotected(keys.url))
}

function report(context: z.RefinementCtx, path: (string | number)[], message: string): void {
  context.addIssue({ code: 'custom', path, message })
}

function unprotected(url: string): string {
  return `${quote(url)} would fetch keys over plain http; write https, or allowHttp: true beside the issuer`
}

function placeKey(place: unknown): unknown {
  return JSON.stringify(place)
}

function issuerKey(entry: unknown): unknown {
  return typeof entry === 'object' && entry !== null && 'issuer' in entry ? entry.issuer : undefined
}
