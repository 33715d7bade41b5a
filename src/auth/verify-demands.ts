import { RegateError } from '../errors.ts'
import type { ClaimDemands, ClaimPaths } from './authentication-options.ts'
import { readClaim } from './read-claim.ts'
import { readClientId } from './to-identity.ts'

interface Demands {
  readonly demands?: ClaimDemands
  readonly claims: ClaimPaths
}

/**
 * Throws `TOKEN_CLAIM_INVALID` where a required claim is absent or null, or where the token is of another client, and
 * `TOKEN_TYPE_INVALID` where the token should be bound to a key and is not, or says that it is of another kind.
 */
export function verifyDemands(claims: object, { demands = {}, claims: paths }: Demands): void {
  const { requiredClaims = [], clients, senderConstrained = false, kinds } = demands
  if (senderConstrained && !Object.hasOwn(claims, 'cnf'))
    throw new RegateError('TOKEN_TYPE_INVALID', 'the token is bound to no key or certificate')
  if (kinds !== undefined && Object.hasOwn(claims, 'typ') && !isAmong(kinds, Reflect.get(claims, 'typ')))
    throw new RegateError('TOKEN_TYPE_INVALID', 'the claim typ says that it is no access token')
  for (const path of requiredClaims)
    if ((readClaim(claims, path) ?? null) === null) throw invalid(`claim ${path} is missing`)
  if (clients === undefined) return
  const client = readClientId(claims, paths.clientId)
  if (client === undefined || !clients.includes(client)) throw invalid('the token is of another client')
}

function isAmong(texts: readonly string[], value: unknown): boolean {
  return texts.some((text) => text === value)
}

function invalid(detail: string): RegateError {
  return new RegateError('TOKEN_CLAIM_INVALID', detail)
}
