import { isRecord } from '../decision/is-record.ts'
import { RegateError } from '../errors.ts'
import { cleanKeys } from './clean-keys.ts'
import { checkFoundAddress, type Finder } from './check-found-address.ts'
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
  const finder = { configured: issuer, allowHttp }
  return readAddress(readOwnDocument(text, issuer), 'jwks_uri', finder)
}

interface EndpointOptions {
  readonly issuer: string
  readonly allowHttp: boolean
  /** For a client that proves itself by a certificate: RFC 8705 §5. */
  readonly mutualTls: boolean
}

/** The `introspection_endpoint` (RFC 8414 §2) of such a document. Throws `CONFIG_INVALID`. */
export function parseIntrospectionEndpoint(
  text: string,
  { issuer, allowHttp, mutualTls }: EndpointOptions,
): URL {
  const document = readOwnDocument(text, issuer)
  const aliases = mutualTls ? document['mtls_endpoint_aliases'] : undefined
  const holder = isRecord(aliases) && aliases[ENDPOINT] !== undefined ? aliases : document
  return readAddress(holder, ENDPOINT, { configured: issuer, allowHttp })
}

const ENDPOINT = 'introspection_endpoint'

function readOwnDocument(text: string, issuer: string): Record<string, unknown> {
  const document = parseJson(text)
  if (isRecord(document) && document['issuer'] === issuer) return document
  throw refused('it is not of this issuer')
}

function readAddress(document: Record<string, unknown>, name: string, finder: Finder): URL {
  const address = document[name]
  if (typeof address !== 'string') throw refused(`it has no ${name}`)
  return checkFoundAddress(address, finder)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(cleanKeys(text))
  } catch {
    throw refused('it is not JSON')
  }
}

function refused(reason: string): RegateError {
  return new RegateError('CONFIG_INVALID', `the discovery document cannot be used: ${reason}`)
}
