import { isRecord } from '../decision/is-record.ts'
import { RegateError } from '../errors.ts'

/** What the holder of a token has to prove. */
export interface Binding {
  /** `jkt`: of the key that signs the proofs (RFC 9449 §6.1). */
  readonly keyThumbprint?: string
  /** `x5t#S256`: of the certificate in the TLS handshake (RFC 8705 §3.1). */
  readonly certificateThumbprint?: string
}

/** SHA-256 in base64url. */
const THUMBPRINT = /^[\w-]{43}$/

/** The other registered ways to name the one key (RFC 7800 §6.2.2, RFC 9203 §9.4). */
const OTHER_KEYS = ['jwk', 'jwe', 'jku', 'kid', 'osc']

/**
 * What a token is bound to by its claim `cnf` (RFC 7800 §3.1); undefined for one without. What stands beside a binding and is
 * none itself is ignored, as there: Keycloak adds `kc-jkt-type`. Throws `TOKEN_TYPE_INVALID` for a binding that is none of the
 * two that can be proved here: as a bearer token it would be a stolen one.
 */
export function readBinding(claims: object): Binding | undefined {
  if (!Object.hasOwn(claims, 'cnf')) return undefined
  const confirmation: unknown = Reflect.get(claims, 'cnf')
  if (!isRecord(confirmation)) throw unknown('cnf is no object')
  const { jkt, 'x5t#S256': x5t } = confirmation
  if (jkt === undefined && x5t === undefined) throw unknown('cnf holds neither jkt nor x5t#S256')
  const other = OTHER_KEYS.find((name) => Object.hasOwn(confirmation, name))
  if (other !== undefined) throw unknown(`cnf holds ${other} besides`)
  return {
    ...(jkt === undefined ? {} : { keyThumbprint: readThumbprint(jkt) }),
    ...(x5t === undefined ? {} : { certificateThumbprint: readThumbprint(x5t) }),
  }
}

function readThumbprint(value: unknown): string {
  if (typeof value === 'string' && THUMBPRINT.test(value)) return value
  throw unknown('cnf holds no SHA-256 thumbprint')
}

function unknown(detail: string): RegateError {
  return new RegateError(
    'TOKEN_TYPE_INVALID',
    `the token is bound in a way that is not known here: ${detail}`,
  )
}
