import { RegateError } from '../errors.ts'

interface ClaimLimits {
  readonly claimCount: number
  readonly claimDepth: number
}

type Claims = { readonly [name: string]: unknown }

/**
 * A frozen copy of parsed JSON claims that is safe to hand on: null-prototype objects without a `__proto__` member,
 * every string well-formed, and no `null` member, which would be true in Rego.
 * Throws `TOKEN_CLAIM_INVALID` for numbers beyond the finite, too many members and too deep nesting.
 */
export function cleanClaims(claims: object, limits: ClaimLimits): Claims {
  return cleanObject(claims, 1, { count: 0, limits })
}

interface Walk {
  count: number
  readonly limits: ClaimLimits
}

function cleanObject(source: object, depth: number, walk: Walk): Claims {
  refuseDepth(depth, walk)
  const copy: Record<string, unknown> = { __proto__: null }
  for (const [name, value] of Object.entries(source)) {
    walk.count += 1
    if (walk.count > walk.limits.claimCount) throw invalid(`more than ${walk.limits.claimCount} claims`)
    if (value !== null && name !== '__proto__') copy[name.toWellFormed()] = cleanValue(value, depth, walk)
  }
  return Object.freeze(copy)
}

function cleanList(source: readonly unknown[], depth: number, walk: Walk): readonly unknown[] {
  refuseDepth(depth, walk)
  return Object.freeze(source.map((item) => cleanValue(item, depth, walk)))
}

function cleanValue(value: unknown, depth: number, walk: Walk): unknown {
  if (typeof value === 'string') return value.toWellFormed()
  if (typeof value === 'number' && !Number.isFinite(value)) throw invalid('a number that is not finite')
  if (typeof value !== 'object' || value === null) return value
  return Array.isArray(value) ? cleanList(value, depth + 1, walk) : cleanObject(value, depth + 1, walk)
}

function refuseDepth(depth: number, { limits }: Walk): void {
  if (depth > limits.claimDepth) throw invalid(`claims nested deeper than ${limits.claimDepth}`)
}

function invalid(detail: string): RegateError {
  return new RegateError('TOKEN_CLAIM_INVALID', `the claims hold ${detail}`)
}
