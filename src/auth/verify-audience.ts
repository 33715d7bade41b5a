import { quoteBriefly } from '../decision/quote-briefly.ts'
import { RegateError } from '../errors.ts'

/**
 * RFC 7519 §4.1.3: the token's audiences, one text or a list of them, of which one at least is ours.
 * Throws `TOKEN_AUDIENCE_INVALID`.
 */
export function verifyAudience(
  claims: Record<string, unknown>,
  audiences: readonly string[],
): readonly string[] {
  const claim = Object.hasOwn(claims, 'aud') ? claims['aud'] : undefined
  const list: readonly unknown[] = Array.isArray(claim) ? claim : [claim]
  if (!list.every((item) => typeof item === 'string')) {
    throw new RegateError('TOKEN_AUDIENCE_INVALID', 'claim aud is neither a string nor a list of strings')
  }
  if (list.some((item) => audiences.includes(item)))
    return Object.freeze(list.map((item) => item.toWellFormed()))
  throw new RegateError(
    'TOKEN_AUDIENCE_INVALID',
    `aud is ${quoteBriefly(list.join(', '))}, wanted is ${quoteBriefly(audiences.join(', '))}`,
  )
}
