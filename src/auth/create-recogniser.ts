import { hash } from 'node:crypto'
import type { Claimed } from '../decision/accept-authentication.ts'
import type { TokenLimits } from './authentication-options.ts'
import type { Credential } from './create-credential-finder.ts'
import type { FollowedFile } from './create-followed-file.ts'
import type { Introspection } from './create-introspection.ts'
import type { Issuers } from './create-issuers.ts'
import type { TokenTable } from './parse-token-table.ts'
import { peekIssuer } from './parse-web-token.ts'
import { readKeyId } from './read-key-id.ts'

interface RecogniserOptions {
  readonly issuers: Issuers
  readonly tokens: FollowedFile<TokenTable> | undefined
  readonly takesKeys: boolean
  readonly introspection: Pick<Introspection, 'judgesJwt'> | undefined
  readonly limits: Pick<TokenLimits, 'tokenBytes'>
}

/**
 * Tells as what a credential would be judged, and of which issuer a token says that it is. **Nothing is verified**: it is good
 * for finding that an app has no use for a credential, so that no server is asked about it, and for nothing else.
 */
export function createRecogniser(options: RecogniserOptions): (credential: Credential) => Claimed {
  return (credential) => {
    switch (credential.kind) {
      case 'bearer':
        return recogniseToken(credential.token, options)
      case 'key':
        return { method: 'api-key' }
      case 'basic':
        return { method: 'basic' }
      case 'certificate':
        return { method: 'certificate' }
      case 'ambiguous':
        return {}
      default:
        return credential satisfies never
    }
  }
}

/** In the order in which the bearer verifier goes. */
function recogniseToken(token: string, options: RecogniserOptions): Claimed {
  const { issuers, tokens, takesKeys, introspection, limits } = options
  if (token.length > limits.tokenBytes) return {}
  if (takesKeys && readKeyId(token) !== undefined) return { method: 'api-key' }
  if (tokens?.current().has(hash('sha256', token, 'hex'))) return { method: 'token' }
  const jwt = peekIssuer(token)
  if (jwt === undefined) return introspection ? { method: 'introspection' } : {}
  const { issuer } = jwt
  if (typeof issuer !== 'string') return {}
  if (issuers.has(issuer)) return { method: 'jwt', issuer }
  return introspection?.judgesJwt ? { method: 'introspection', issuer } : { issuer }
}
