import type { KeyObject } from 'node:crypto'
import { isSoundRsaKey } from '../certificates/is-sound-rsa-key.ts'
import type { CurveName, PublicKey } from '../certificates/parse-public-key.ts'

/** What a key is good for here; `unusable`: no algorithm of tokens, or OpenSSL makes nothing of it. */
export type KeyMaterial =
  | (Asymmetric & { readonly kind: 'rsa' | 'ed25519' })
  | (Asymmetric & { readonly kind: 'ec'; readonly curve: CurveName })
  | { readonly kind: 'secret'; readonly bytes: Buffer }
  | { readonly kind: 'unusable' }

interface Asymmetric {
  readonly publicKey: KeyObject
  /** Of a private key: makes it; throws where its parts do not fit. */
  readonly makePrivateKey: (() => KeyObject) | undefined
}

export interface VerificationKey {
  /** Empty: any that the key can do. */
  readonly algorithm: string
  /** Empty: none. */
  readonly keyId: string
  readonly material: KeyMaterial
}

const UNUSABLE: KeyMaterial = { kind: 'unusable' }

/** The key of a certificate or of a PEM block. */
export function toKeyMaterial(key: PublicKey | undefined): KeyMaterial {
  if (key === undefined || key.kind === 'dsa' || key.kind === 'other' || key.key === undefined)
    return UNUSABLE
  const keys = { publicKey: key.key, makePrivateKey: undefined }
  if (key.kind === 'rsa') return isSoundRsaKey(key) ? { kind: 'rsa', ...keys } : UNUSABLE
  return key.kind === 'ec' ? { kind: 'ec', curve: key.curve, ...keys } : { kind: 'ed25519', ...keys }
}
