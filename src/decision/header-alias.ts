import { RegateError } from '../errors.ts'
import type { AccessRequest } from './access-request.ts'
import type { Generation } from './ports.ts'

/** Guards one generation's names against look-alikes. */
type RefuseAliases = (request: AccessRequest) => void

/**
 * Refuses (`HEADER_ALIAS`) a header whose name becomes that of an identity header, or of one that any app can emit,
 * when every character other than letter, digit and `-` is folded to `-`. Traefik removes only the dashed name, and
 * servers that map names to variables read `X_User_Roles` and `X.User.Roles` alike.
 */
export function createAliasGuard(
  identityNames: ReadonlySet<string>,
): (generation: Generation) => RefuseAliases {
  const guards = new WeakMap<Generation, RefuseAliases>()
  return (generation) => {
    const known = guards.get(generation)
    if (known !== undefined) return known
    const guard = toGuard(identityNames.union(generation.emittableNames))
    guards.set(generation, guard)
    return guard
  }
}

function toGuard(guarded: ReadonlySet<string>): RefuseAliases {
  const folded = new Set([...guarded].map(foldHeaderName))
  // Where an app emits a name such as X_Role, the dashed spelling is the look-alike.
  const everyNameMatters = [...guarded].some((name) => !folded.has(name))
  return (request) => {
    for (const name of request.oddHeaderNames) refuseAlias(name, guarded, folded)
    if (everyNameMatters) for (const name in request.headers) refuseAlias(name, guarded, folded)
  }
}

function refuseAlias(name: string, guarded: ReadonlySet<string>, folded: ReadonlySet<string>): void {
  if (guarded.has(name) || !folded.has(foldHeaderName(name))) return
  throw new RegateError(
    'HEADER_ALIAS',
    `the header ${name} can be taken for ${foldHeaderName(name)}, which only Regate may set`,
  )
}

/** Lower case, and `-` for every character other than letter, digit and `-`. */
export function foldHeaderName(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9-]/g, '-')
}
