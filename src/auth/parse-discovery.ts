import { isRecord } from '../decision/is-record.ts'
import { RegateError } from '../errors.ts'
import { checkKeyAddress } from './check-key-address.ts'

/**
 * Where an issuer's configuration document lies: OpenID Connect Discovery 1.0 §4.
 * Throws `CONFIG_INVALID` for an issuer that is no permitted address.
 */
export function toDiscoveryUrl(issuer: string, allowHttp: boolean): URL {
  const url = checkKeyAddress(issuer, allowHttp)
  if (url.search === '' && url.hash === '') {
    return new URL(`${url.origin}${url.pathname.replace(/\/$/, '')}/.well-known/openid-configuration`)
  }
  throw new RegateError(
    'CONFIG_INVALID',
    `an issuer with a query or fragment has no discovery document: ${issuer}`,
  )
}

/**
 * The `jwks_uri` of a discovery document, whose `issuer` must be the configured one, character for character (§4.3).
 * Throws `CONFIG_INVALID`.
 */
export function parseDiscovery(text: string, issuer: string, allowHttp: boolean): URL {
  const document = parseJson(text)
  if (!isRecord(document) || document['issuer'] !== issuer) throw refused('it is not of this issuer')
  if (typeof document['jwks_uri'] !== 'string') throw refused('it has no jwks_uri')
  return checkKeyAddress(document['jwks_uri'], allowHttp)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw refused('it is not JSON')
  }
}

function refused(reason: string): RegateError {
  return new RegateError('CONFIG_INVALID', `the discovery document cannot be used: ${reason}`)
}
