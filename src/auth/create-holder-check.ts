import type { AccessRequest } from '../decision/access-request.ts'
import { RegateError } from '../errors.ts'
import type { ProofOptions } from './authentication-options.ts'
import type { Nonces } from './create-nonces.ts'
import { createProofKeys } from './create-proof-keys.ts'
import { createReplayMemory } from './create-replay-memory.ts'
import type { Binding } from './read-binding.ts'
import type { ForwardedCertificate } from './read-forwarded-certificate.ts'
import type { Verified } from './verified.ts'
import { verifyProof } from './verify-proof.ts'

/** The request as far as a proof is about it. */
export type Presented = Pick<AccessRequest, 'credentials' | 'method' | 'scheme' | 'host' | 'port' | 'rawPath'>

interface HolderOptions {
  /** Absent: tokens that are bound to a key cannot be used. */
  readonly proofs?: { readonly options: ProofOptions; readonly nonces: Nonces } | undefined
  /** Absent: nor can those that are bound to a certificate. */
  readonly readCertificate?:
    | ((credentials: AccessRequest['credentials']) => ForwardedCertificate | undefined)
    | undefined
  readonly tokenBytes: number
  readonly now: () => number
}

interface Shown {
  readonly token: string
  readonly scheme: 'Bearer' | 'DPoP'
  readonly request: Presented
}

/** Plain for a bearer token, a promise where a proof is verified. */
export type CheckHolder = (verified: Verified, shown: Shown) => Promise<void> | undefined

/**
 * Checks at each request, also for a token that was verified before, that whoever shows a token that is bound to a key or a
 * certificate holds it (RFC 9449 §7, RFC 8705 §3). A token is good for its own scheme alone.
 * Throws `TOKEN_TYPE_INVALID`, `TOKEN_BINDING_INVALID`, `CERTIFICATE_MALFORMED` or one of the `DPOP_…` codes.
 */
export function createHolderCheck(holder: HolderOptions): CheckHolder {
  const { proofs, readCertificate, tokenBytes, now } = holder
  const checkProof = proofs && createProofCheck(proofs, tokenBytes, now)
  return ({ binding = UNBOUND }, shown) => {
    const { keyThumbprint, certificateThumbprint } = binding
    if (certificateThumbprint !== undefined) {
      if (!readCertificate)
        throw wrongBinding(`the token is bound to a certificate, and ${NOT_CONFIGURED}.certificates`)
      refuseOther(readCertificate(shown.request.credentials), certificateThumbprint)
    }
    if (keyThumbprint === undefined) {
      if (shown.scheme === 'DPoP') throw wrongBinding('the token is bound to no key: it is no DPoP token')
      return undefined
    }
    if (!checkProof) throw notPlain(`the token is bound to a key, and ${NOT_CONFIGURED}.dpop`)
    if (shown.scheme !== 'DPoP')
      throw notPlain('the token is bound to a key: send it with the scheme DPoP and a proof')
    return checkProof(shown, keyThumbprint)
  }
}

const UNBOUND: Binding = {}
const NOT_CONFIGURED = 'the configuration has no authentication'

function createProofCheck(
  { options, nonces }: NonNullable<HolderOptions['proofs']>,
  tokenBytes: number,
  now: () => number,
) {
  const refuseReplay = createReplayMemory({ periodMs: options.maxAgeMs + options.clockToleranceMs, now })
  const readKey = createProofKeys()
  const holdsNonce = options.nonce ? nonces.holds : undefined
  return async ({ token, request }: Shown, keyThumbprint: string): Promise<void> => {
    const proof = readProof(request, tokenBytes)
    const shown = await verifyProof(
      proof,
      { token, keyThumbprint, request },
      { options, nowMs: now(), readKey, holdsNonce },
    )
    // Last, so that nobody can use up the proof of another.
    refuseReplay(shown)
  }
}

function readProof({ credentials: { headers } }: Presented, tokenBytes: number): string {
  const lines = (Object.hasOwn(headers, 'dpop') ? headers['dpop'] : undefined) ?? []
  const [proof = ''] = lines
  if (lines.length !== 1 || proof === '' || proof.length > tokenBytes)
    throw new RegateError('DPOP_PROOF_INVALID', 'there is not exactly one header DPoP with a proof')
  return proof
}

function refuseOther(certificate: ForwardedCertificate | undefined, thumbprint: string): void {
  if (certificate?.thumbprint !== thumbprint)
    throw wrongBinding('the token is bound to a certificate that the caller does not show')
}

function notPlain(detail: string): RegateError {
  return new RegateError('TOKEN_TYPE_INVALID', detail)
}

function wrongBinding(detail: string): RegateError {
  return new RegateError('TOKEN_BINDING_INVALID', detail)
}
