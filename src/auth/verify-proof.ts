import { hash } from 'node:crypto'
import type { AccessRequest } from '../decision/access-request.ts'
import { quoteBriefly } from '../decision/quote-briefly.ts'
import { ERROR_STATUS, RegateError } from '../errors.ts'
import type { ProofOptions } from './authentication-options.ts'
import type { ReadProofKey } from './create-proof-keys.ts'
import { type CompactToken, readCompact } from './read-compact.ts'
import { readValidity } from './read-validity.ts'
import { type Target, toPlainUrl, toVisibleUrl } from './to-visible-url.ts'
import { verifySignature } from './verify-signature.ts'
import { verifyTimes } from './verify-times.ts'

/** What a proof has to fit. */
export interface Proven {
  /** The access token that it goes with. */
  readonly token: string
  /** What the token is bound to. */
  readonly keyThumbprint: string
  readonly request: Target & Pick<AccessRequest, 'method'>
}

/** What a proof is remembered by. */
export interface ShownProof {
  /** Of its key and `jti`. */
  readonly name: string
  /** `iat`. */
  readonly issuedMs: number
}

interface Context {
  readonly options: ProofOptions
  readonly nowMs: number
  readonly readKey: ReadProofKey
  /** Absent: a nonce is not looked at. */
  readonly holdsNonce?: ((nonce: unknown) => boolean) | undefined
}

/**
 * Verifies a proof of possession as RFC 9449 §4.3 has it, except that it may have been shown before, and returns what
 * it is remembered by. The key is compared with the token's before anything is computed with it. The target is the one that the proxy
 * was asked for: scheme, host, port and path, without the query.
 * Throws `DPOP_PROOF_INVALID`, `TOKEN_BINDING_INVALID` for another key, or `DPOP_NONCE_REQUIRED`.
 */
export async function verifyProof(proof: string, proven: Proven, context: Context): Promise<ShownProof> {
  try {
    return await verify(proof, proven, context)
  } catch (error) {
    if (!(error instanceof RegateError) || OWN_CODES.has(error.code)) throw error
    // What the steps that are shared with tokens throw.
    if (ERROR_STATUS[error.code] !== 401 && error.code !== 'CONFIG_INVALID') throw error
    throw invalid(error.message)
  }
}

const OWN_CODES: ReadonlySet<string> = new Set([
  'DPOP_PROOF_INVALID',
  'DPOP_NONCE_REQUIRED',
  'TOKEN_BINDING_INVALID',
])

async function verify(
  proof: string,
  proven: Proven,
  { options, nowMs, readKey, holdsNonce }: Context,
): Promise<ShownProof> {
  const parsed = readCompact(proof)
  const { header, algorithm, claims } = parsed
  if (header['typ'] !== 'dpop+jwt') throw invalid('typ is not dpop+jwt')
  if (!options.algorithms.includes(algorithm)) throw invalid('its algorithm is not allowed')
  await verifySignature(proof, await readKey(parsed, proven.keyThumbprint), algorithm)
  verifyTarget(claims, proven)
  verifyAge(claims, options, nowMs)
  const { jti, nonce, iat } = claims
  if (typeof jti !== 'string' || jti === '') throw invalid('jti is not a text')
  if (holdsNonce?.(nonce) === false)
    throw new RegateError('DPOP_NONCE_REQUIRED', 'the proof has no nonce of the last minutes')
  return { name: hash('sha256', `${proven.keyThumbprint} ${jti}`, 'base64url'), issuedMs: Number(iat) * 1000 }
}

function verifyTarget(claims: CompactToken['claims'], { token, request }: Proven): void {
  const { htm, htu, ath } = claims
  if (htm !== request.method) throw invalid('htm is not the method of the request')
  const visible = toVisibleUrl(request)
  if (typeof htu !== 'string' || visible === undefined || toPlainUrl(htu) !== visible)
    throw invalid(`htu is not the address of the request, ${quoteBriefly(visible ?? request.host)}`)
  if (ath !== hash('sha256', token, 'base64url')) throw invalid('ath is not the digest of the token')
}

/** `exp` and `nbf` are not asked for, and hold where they are there. */
function verifyAge(claims: CompactToken['claims'], options: ProofOptions, nowMs: number): void {
  const { maxAgeMs, clockToleranceMs } = options
  const limits = { maxAgeMs: maxAgeMs - clockToleranceMs, clockToleranceMs }
  const validity = readValidity({ exp: Number.MAX_SAFE_INTEGER, ...claims }, limits)
  const ageMs = nowMs - Number(claims['iat']) * 1000
  if (ageMs >= maxAgeMs)
    throw invalid(`iat is ${Math.ceil(ageMs / 1000)} s old, proofMaxAge is ${maxAgeMs / 1000} s`)
  verifyTimes(validity, nowMs)
}

function invalid(detail: string): RegateError {
  return new RegateError('DPOP_PROOF_INVALID', `the proof does not hold: ${detail}`)
}
