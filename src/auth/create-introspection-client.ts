import { createPrivateKey, type KeyObject, type webcrypto, X509Certificate } from 'node:crypto'
import { RegateError } from '../errors.ts'
import type { AuthenticationPorts, IntrospectionOptions } from './authentication-options.ts'
import { createCertificateSender } from './create-certificate-sender.ts'
import type { FollowedFile } from './create-followed-file.ts'
import type { ClientProof, SendForm } from './introspect-token.ts'

/** Follows a file of the configuration; it is closed with all others. */
export type Follow = <T>(file: string, parse: (file: string, text: string) => T) => Promise<FollowedFile<T>>

export interface IntrospectionClient {
  readonly proof: () => ClientProof
  readonly send: SendForm
}

/**
 * Opens what proves that it is Regate who asks; the files are followed.
 * Throws `CONFIG_INVALID`, without anything of what the files hold.
 */
export async function createIntrospectionClient(
  { client }: Pick<IntrospectionOptions, 'client'>,
  { fetch }: Pick<AuthenticationPorts, 'fetch'>,
  follow: Follow,
): Promise<IntrospectionClient> {
  switch (client.kind) {
    case 'secret': {
      const secret = await follow(client.file, parseSecret)
      return {
        proof: () => ({ kind: 'secret', secret: secret.current(), place: client.place }),
        send: createSender(fetch),
      }
    }
    case 'key': {
      const key = await follow(client.file, parsePrivateKey)
      return {
        proof: () => ({ kind: 'key', key: key.current(), keyId: client.keyId }),
        send: createSender(fetch),
      }
    }
    case 'certificate': {
      const certificate = await follow(client.file, parseCertificate)
      const key = await follow(client.keyFile, parseKeyText)
      if (!new X509Certificate(certificate.current()).checkPrivateKey(createPrivateKey(key.current())))
        throw unfit(client.keyFile, 'not the key of the certificate')
      const current = () => ({ certificate: certificate.current(), key: key.current() })
      return { proof: () => ({ kind: 'certificate' }), send: createCertificateSender(current) }
    }
    default:
      return client satisfies never
  }
}

function createSender(fetch: AuthenticationPorts['fetch']): SendForm {
  return async (url, form) => {
    const response = await fetch(url, { ...form, method: 'POST', redirect: 'manual', credentials: 'omit' })
    return {
      status: response.status,
      contentType: response.headers.get('content-type') ?? undefined,
      body: response.body,
    }
  }
}

/** Files end with a line break, secrets do not. */
function parseSecret(file: string, text: string): string {
  const secret = text.replace(/\r?\n$/, '')
  if (!/^[\x20-\x7E]{1,1000}$/.test(secret)) throw unfit(file, 'a secret of visible ASCII on one line')
  return secret
}

function parsePrivateKey(file: string, text: string): webcrypto.CryptoKey {
  const key = importKey(file, text)
  return key.toCryptoKey(algorithmOf(file, key), false, ['sign'])
}

function parseKeyText(file: string, text: string): string {
  importKey(file, text)
  return text
}

function importKey(file: string, text: string): KeyObject {
  try {
    return createPrivateKey(text)
  } catch {
    // The cause may quote the key.
    throw unfit(file, 'a private key in PEM, without a password')
  }
}

const CURVES = new Map([
  ['prime256v1', 'P-256'],
  ['secp384r1', 'P-384'],
  ['secp521r1', 'P-521'],
])

/** RS256, ES256, ES384, ES512 or EdDSA. */
function algorithmOf(
  file: string,
  { asymmetricKeyType, asymmetricKeyDetails }: KeyObject,
): webcrypto.EcKeyImportParams | webcrypto.RsaHashedImportParams | { readonly name: 'Ed25519' } {
  if (asymmetricKeyType === 'ed25519') return { name: 'Ed25519' }
  if (asymmetricKeyType === 'rsa' && (asymmetricKeyDetails?.modulusLength ?? 0) >= 2048)
    return { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
  const namedCurve = CURVES.get(asymmetricKeyDetails?.namedCurve ?? '')
  if (namedCurve === undefined) throw unfit(file, 'an RSA key of 2048 bits, a P-256 or an Ed25519 key')
  return { name: 'ECDSA', namedCurve }
}

function parseCertificate(file: string, text: string): string {
  try {
    void new X509Certificate(text)
  } catch {
    throw unfit(file, 'a certificate in PEM')
  }
  return text
}

function unfit(file: string, wanted: string): RegateError {
  return new RegateError('CONFIG_INVALID', `${file}: expected is ${wanted}`)
}
