const NAME = /^[a-z][a-z0-9_]{0,62}$/
const RESERVED: ReadonlySet<string> = new Set(['lib', 'regate', 'system'])

/** Why no app can have this name, or undefined where one can. */
export function findAppNameProblem(name: string): string | undefined {
  if (RESERVED.has(name)) return 'the name is reserved'
  return NAME.test(name) ? undefined : 'an app is named with a-z, 0-9 and _, a letter first, up to 63'
}
