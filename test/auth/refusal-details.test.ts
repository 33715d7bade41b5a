import { describe, expect, it } from 'vitest'
import type { AuthenticationOptions, ProofOptions } from '../../src/auth/authentication-options.ts'
import { digestApiKey, makeApiKey } from '../../src/auth/make-api-key.ts'
import type { Authentication } from '../../src/decision/authentication.ts'
import { acceptAuthentication, findForeign } from '../../src/decision/accept-authentication.ts'
import { makeAuthority, makeCertificate, makeList, NOW_MS } from './make-authority.ts'
import { confirmKey, makeProof } from './make-proof.ts'
import { makeSigner } from './make-signer.ts'
import {
  goodClaims,
  ISSUER,
  issuerOptions,
  NOW,
  openAuthenticator,
  toRequest,
  writeFolder,
} from './open-authenticator.ts'
import { openCertificates } from './open-certificates.ts'

const signer = makeSigner('ES256')
const holder = makeSigner('ES256')
const LONG = 'x'.repeat(5000)
const PROOFS: ProofOptions = {
  maxAgeMs: 60_000,
  clockToleranceMs: 10_000,
  algorithms: ['ES256'],
  nonce: false,
}

async function open(changes: Partial<AuthenticationOptions> = {}) {
  const pathOf = await writeFolder({ 'jwks.json': { keys: [signer.jwk] } })
  const keys = { kind: 'file', path: pathOf('jwks.json') } as const
  return openAuthenticator({ jwt: [issuerOptions({ keys })], ...changes })
}

function detailOf(answer: Authentication): string {
  if (answer.kind === 'anonymous') return answer.ignored ?? ''
  return answer.kind === 'rejected' ? answer.detail : ''
}

describe('what an operator reads names the value that decided', () => {
  it('for another audience: the one of the token, cut where it is long, and those that were wanted', async () => {
    const { askBearer } = await open()
    const ask = async (aud: unknown) => detailOf(await askBearer(signer.sign(goodClaims({ aud }))))
    expect(await ask(['files', 'a"\n'])).toBe(String.raw`aud is "files, a\"\n", wanted is "wiki, grafana"`)
    expect(await ask([])).toContain('aud is ""')
    expect((await ask([LONG, LONG])).length).toBeLessThan(150)
  })

  it('for an issuer or audience that the app does not accept', () => {
    expect(findForeign({ issuer: 'https://a' }, { issuers: [ISSUER], ignoresInvalid: false })).toBe(
      'issuer "https://a"',
    )
    const identity = {
      subject: 'ann',
      roles: [],
      groups: [],
      scopes: [],
      claims: {},
      audience: ['files', LONG],
    }
    const caller = { kind: 'identified', identity: { ...identity, authenticatedBy: 'jwt' } } as const
    const accepted = acceptAuthentication(caller, { audiences: ['wiki'], ignoresInvalid: false })
    expect(accepted).toMatchObject({
      ignored: expect.stringContaining('credential of its audience "files, xx'),
    })
    expect(JSON.stringify(accepted).length).toBeLessThan(250)
  })

  it('for an API key of other apps: which they are', async () => {
    const { key, id } = makeApiKey()
    const sha256 = digestApiKey(key).toString('hex')
    const pathOf = await writeFolder({
      'keys.yaml': { [id]: { sha256, owner: 'ann', apps: ['wiki', 'docs'] } },
    })
    const { authenticate } = await openAuthenticator({ apiKeys: { file: pathOf('keys.yaml') } })
    const request = toRequest({ authorization: `Bearer ${key}`, cookies: {}, headers: {} })
    expect(detailOf(await authenticate(request, { name: 'grafana' }))).toBe(
      `the API key ${id} is for "wiki, docs" alone`,
    )
  })

  it('for what begins like an API key where none are configured, and never the key', async () => {
    const { askBearer } = await open()
    const { key } = makeApiKey()
    for (const text of [key, key.slice(0, -1)]) {
      const detail = detailOf(await askBearer(text))
      expect(detail).toContain('the configuration has no authentication.apiKeys')
      expect(detail).not.toContain(text)
    }
    expect(detailOf(await askBearer('opaque'))).not.toContain('apiKeys')
  })

  it('for a proof of another address: the address of the request, not what the caller wrote', async () => {
    const { ask } = await open({ dpop: PROOFS })
    const token = signer.sign(goodClaims(await confirmKey(holder)))
    const show = async (claims: object, request = {}) =>
      detailOf(
        await ask(
          {
            authorization: `DPoP ${token}`,
            headers: { dpop: [makeProof(holder, { token, now: NOW }, claims)] },
          },
          request,
        ),
      )
    const foreign = await show({ htu: 'https://wiki.internal/' })
    expect(foreign).toContain('not the address of the request, "https://wiki.example.com/"')
    expect(foreign).not.toContain('internal')
    expect((await show({}, { rawPath: `/${LONG}` })).length).toBeLessThan(200)
    expect(await show({ iat: NOW - 101 })).toContain('iat is 101 s old, proofMaxAge is 60 s')
    expect(await show({ iat: NOW - 60 })).toContain('iat is 60 s old')
    expect(await show({ iat: -1e308 })).toContain('s old')
    expect(await show({ iat: undefined })).toContain('claim iat is missing')
    expect(await show({ exp: NOW - 20 })).toContain('expired 10 s ago')
  })

  it('for a bound token: how to send it, or what is not configured', async () => {
    const byKey = signer.sign(goodClaims(await confirmKey(holder)))
    const byCertificate = signer.sign(goodClaims({ cnf: { 'x5t#S256': 'x'.repeat(43) } }))
    const [bare, complete] = [
      await open(),
      await open({
        dpop: PROOFS,
        certificates: { header: 'x-forwarded-tls-client-cert', subject: 'cn' },
      }),
    ]
    expect(detailOf(await complete.askBearer(byKey))).toContain('send it with the scheme DPoP and a proof')
    expect(detailOf(await bare.askBearer(byKey))).toContain('no authentication.dpop')
    expect(detailOf(await complete.askBearer(byCertificate))).toContain('that the caller does not show')
    expect(detailOf(await bare.askBearer(byCertificate))).toContain('no authentication.certificates')
  })

  it('for a certificate of unknown status: its issuer, and since when the last list is out of date', () => {
    const root = makeAuthority()
    const leaf = makeCertificate({ issuer: root })
    const show = (crl: string) => () => openCertificates({ ca: root.pem, crl }).show(leaf)
    const since = new Date(NOW_MS - 60_000).toISOString()
    const lists = [60_000, 120_000].map((agoMs) => makeList(root, { untilMs: NOW_MS - agoMs }))
    expect(show(lists.join(''))).toThrow(
      `no revocation list of "CN=Root" holds now; the last one has been out of date since ${since}`,
    )
    expect(show(makeList(makeAuthority('Other')))).toThrow(/"CN=Root" holds now$/)
  })
})
