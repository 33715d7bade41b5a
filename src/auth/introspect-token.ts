import type { webcrypto } from 'node:crypto'
import {
  ClientSecretBasic,
  ClientSecretPost,
  type ClientAuth,
  customFetch,
  introspectionRequest,
  modifyAssertion,
  PrivateKeyJwt,
  processIntrospectionResponse,
  TlsClientAuth,
} from 'oauth4webapi'
import { RegateError } from '../errors.ts'
import { cleanKeys } from './clean-keys.ts'
import { describeFailure } from './describe-failure.ts'
import { readBody } from './read-body.ts'

/** What proves that it is Regate who asks. */
export type ClientProof =
  | { readonly kind: 'secret'; readonly secret: string; readonly place: 'header' | 'body' }
  | { readonly kind: 'key'; readonly key: webcrypto.CryptoKey; readonly keyId?: string | undefined }
  /** `send` shows it. */
  | { readonly kind: 'certificate' }

/** Posts a form. Follows no redirect; the answer may be anything. */
export type SendForm = (url: URL, form: Form) => Promise<FormAnswer>

interface Form {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly signal: AbortSignal
}

interface FormAnswer {
  readonly status: number
  readonly contentType: string | undefined
  readonly body: AsyncIterable<Uint8Array> | null
}

interface Question {
  readonly endpoint: URL
  /** Whom a client's assertion is for; default: the endpoint. */
  readonly issuer: string | undefined
  readonly clientId: string
  readonly proof: ClientProof
  readonly send: SendForm
  readonly signal: AbortSignal
  /** Milliseconds since the epoch. */
  readonly nowMs: number
}

/** Members of an answer; what they hold has not been checked. */
export type TokenFacts = Readonly<Record<string, unknown>>

const MOST_BYTES = 256 * 1024
const ASSERTION_SECONDS = 60
// A signed answer (RFC 9701) would need the keys of its issuer.
const JSON_TYPE = /^application\/json[ \t]*(?:;|$)/i

/**
 * Asks a server about a token (RFC 7662 §2): what it says of an active one, else undefined. Answers with another status, of
 * another type, too long or without a boolean `active` are none.
 * Throws `INTROSPECTION_UNAVAILABLE`, with the address without its query and without anything that was sent or answered.
 */
export async function introspectToken(token: string, question: Question): Promise<TokenFacts | undefined> {
  const { endpoint, issuer, clientId } = question
  // The library asks for https; the address has been judged before, and `post` goes to it whatever is written here.
  const address = endpoint.href.replace(/^http:/, 'https:')
  const server = { issuer: issuer ?? endpoint.href, introspection_endpoint: address }
  const client = { client_id: clientId }
  try {
    const response = await introspectionRequest(server, client, toAuthentication(question), token, {
      additionalParameters: { token_type_hint: 'access_token' },
      [customFetch]: (_, { headers, body }) => post(question, headers, body),
    })
    const { active, ...facts } = await processIntrospectionResponse(server, client, response)
    return active ? facts : undefined
  } catch (error) {
    const reason = `${endpoint.origin}${endpoint.pathname}: ${describeFailure(error)}`
    // Without the cause: it may hold what was answered.
    throw new RegateError('INTROSPECTION_UNAVAILABLE', reason)
  }
}

async function post(
  { endpoint, send, signal }: Question,
  headers: Readonly<Record<string, string>>,
  form: URLSearchParams,
): Promise<Response> {
  const { status, contentType, body } = await send(endpoint, { headers, body: form.toString(), signal })
  const text = await readBody(body, MOST_BYTES)
  if (status !== 200) throw new Error(`status ${status}`)
  if (!JSON_TYPE.test(contentType ?? '')) throw new Error('the answer is not application/json')
  return new Response(cleanKeys(text), { headers: { 'content-type': 'application/json' } })
}

function toAuthentication({ proof, nowMs }: Question): ClientAuth {
  switch (proof.kind) {
    case 'secret':
      return proof.place === 'body' ? ClientSecretPost(proof.secret) : ClientSecretBasic(proof.secret)
    case 'key':
      return PrivateKeyJwt(toPrivateKey(proof.key, proof.keyId), {
        [modifyAssertion](header, payload) {
          const now = Math.floor(nowMs / 1000)
          Object.assign(payload, { iat: now, nbf: now, exp: now + ASSERTION_SECONDS })
          // The younger name of RFC 9864 is not known everywhere.
          if (header['alg'] === 'Ed25519') header['alg'] = 'EdDSA'
        },
      })
    case 'certificate':
      return TlsClientAuth()
    default:
      return proof satisfies never
  }
}

function toPrivateKey(key: webcrypto.CryptoKey, keyId: string | undefined) {
  return keyId === undefined ? { key } : { key, kid: keyId }
}
