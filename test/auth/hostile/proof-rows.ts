import { hash } from 'node:crypto'
import { confirmKey, makeProof } from '../make-proof.ts'
import { makeSigner } from '../make-signer.ts'
import { type Call, good, lines, NOW, refused, type Row, signers } from './workshop.ts'

const { es256, stranger } = signers
const holder = makeSigner('ES256')
const confirmed = await confirmKey(holder)
const token = (claims = {}): string => es256.sign(good({ ...confirmed, ...claims }))
const plain = (): string => es256.sign(good())
const prove = (bound: string, claims = {}, header = {}, by = holder): string =>
  makeProof(by, { token: bound, now: NOW }, claims, header)

function show(bound: string, ...proofs: readonly string[]): Call {
  return lines(`Authorization: DPoP ${bound}`, ...proofs.map((proof) => `DPoP: ${proof}`))
}

/** A proof that lacks one thing. */
function wrong(title: string, claims: object, header: object = {}): Row {
  return refused(`a proof ${title}`, 'DPOP_PROOF_INVALID', () => {
    const bound = token()
    return show(bound, prove(bound, claims, header))
  })
}

const binding: readonly Row[] = [
  refused('a bound token as a bearer token', 'TOKEN_TYPE_INVALID', token),
  refused('a bound token as a bearer token with its proof', 'TOKEN_TYPE_INVALID', () => {
    const bound = token()
    return lines(`Authorization: Bearer ${bound}`, `DPoP: ${prove(bound)}`)
  }),
  refused('a bound token in another place', 'TOKEN_TYPE_INVALID', () => {
    const bound = token()
    return lines(`X-Token: ${bound}`, `DPoP: ${prove(bound)}`)
  }),
  refused('a bearer token as a bound one', 'TOKEN_BINDING_INVALID', () => {
    const unbound = plain()
    return show(unbound, prove(unbound))
  }),
  refused('a stolen token with the proof of the thief', 'TOKEN_BINDING_INVALID', () => {
    const bound = token()
    return show(bound, prove(bound, {}, {}, stranger))
  }),
  refused('a token for the key of the thief, made by the thief', 'TOKEN_SIGNATURE_INVALID', () => {
    const forged = stranger.sign(good(confirmed), { kid: 'es256' })
    return show(forged, prove(forged))
  }),
  refused('a token that is bound to a certificate that is not shown', 'TOKEN_BINDING_INVALID', () =>
    token({ cnf: { 'x5t#S256': 'x'.repeat(43) } }),
  ),
  refused('a token that is bound to a key inside it', 'TOKEN_TYPE_INVALID', () =>
    token({ cnf: { jwk: holder.jwk } }),
  ),
]

const proofs: readonly Row[] = [
  wrong('of another method', { htm: 'POST' }),
  wrong('of another host', { htu: 'https://grafana.example.com/' }),
  wrong('of the authorizer itself', { htu: 'http://regate/auth' }),
  wrong('of another path', { htu: 'https://wiki.example.com/admin' }),
  wrong('of plain http', { htu: 'http://wiki.example.com/' }),
  wrong('of no address', { htu: 'wiki' }),
  wrong('of another token', { ath: hash('sha256', plain(), 'base64url') }),
  wrong('that is old', { iat: NOW - 600 }),
  wrong('of tomorrow', { iat: NOW + 86_400 }),
  wrong('without a time', { iat: undefined }),
  wrong('without a name', { jti: undefined }),
  wrong('of the type JWT', {}, { typ: 'JWT' }),
  wrong('without a key', {}, { jwk: undefined }),
  wrong('with a private key', {}, { jwk: holder.privateKey.export({ format: 'jwk' }) }),
  wrong('with a shared secret', {}, { alg: 'HS256' }),
  wrong('without a signature', {}, { alg: 'none' }),
  wrong('with an extension', {}, { crit: ['exp'] }),
  refused('a bound token without a proof', 'DPOP_PROOF_INVALID', () => show(token())),
  refused('a bound token with an empty proof', 'DPOP_PROOF_INVALID', () => show(token(), '')),
  refused('a bound token with two proofs', 'DPOP_PROOF_INVALID', () => {
    const bound = token()
    return show(bound, prove(bound), prove(bound))
  }),
  refused('a bound token as its own proof', 'DPOP_PROOF_INVALID', () => {
    const bound = token()
    return show(bound, bound)
  }),
  refused('a proof as a token', 'TOKEN_TYPE_INVALID', () => {
    const proof = prove(token())
    return show(proof, proof)
  }),
  refused('a proof as a bearer token', 'TOKEN_TYPE_INVALID', () => prove(token())),
  refused('a proof signed by somebody else', 'DPOP_PROOF_INVALID', () => {
    const bound = token()
    const jwk = holder.publicKey.export({ format: 'jwk' })
    return show(bound, prove(bound, {}, { jwk }, stranger))
  }),
  refused('a proof under a name that is not quite its own', 'DPOP_PROOF_INVALID', () => {
    const bound = token()
    return lines(`Authorization: DPoP ${bound}`, `D_PoP: ${prove(bound)}`)
  }),
]

const once = token()
const proof = prove(once)

/** Comes before the hostile rows: one of them shows it again. */
export const proofControls: readonly Row[] = [
  { title: 'a bound token with its proof', call: () => show(once, proof), status: 200, code: '' },
]

export const proofRows: readonly Row[] = [
  ...binding,
  ...proofs,
  refused('a proof that was shown before', 'DPOP_PROOF_REPLAYED', () => show(once, proof)),
]
