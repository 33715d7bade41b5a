/** A host pattern and a path prefix that lead to a target. No two of a routing are the same. */
export interface Route<T> {
  readonly host: string
  readonly path: readonly string[]
  readonly target: T
}

export type Find<T> = (host: string, pathSegments: readonly string[]) => T | undefined

/** The prefixes of one host pattern, a step a segment. */
interface PathStep<T> {
  target?: T
  readonly below: Map<string, PathStep<T>>
}

/**
 * Builds the look-up of a generation: the exact host before the longest wildcard before `*`, then the longest path prefix
 * by whole segments. `*.example.com` covers any depth below `example.com`, not the name itself.
 * The most specific pattern that fits a host claims it outright: where none of its prefixes fits the path there is no
 * target, and a less specific pattern is never asked. So a path that an app's owner left out stays closed.
 * Hosts are in lower case, without port and trailing dot. Look-ups build nothing.
 */
export function createRouting<T>(routes: Iterable<Route<T>>): Find<T> {
  const exact = new Map<string, PathStep<T>>()
  const wildcards = new Map<string, PathStep<T>>()
  for (const { host, path, target } of routes) {
    const [table, name] = host.startsWith('*') ? [wildcards, host.slice(2)] : [exact, host]
    insert(obtain(table, name), path, target)
  }
  return (host, pathSegments) => {
    const paths = exact.get(host) ?? findWildcard(wildcards, host)
    return paths === undefined ? undefined : findLongest(paths, pathSegments)
  }
}

function obtain<T>(table: Map<string, PathStep<T>>, name: string): PathStep<T> {
  const step = table.get(name) ?? { below: new Map() }
  table.set(name, step)
  return step
}

function insert<T>(root: PathStep<T>, path: readonly string[], target: T): void {
  let step = root
  for (const segment of path) step = obtain(step.below, segment)
  step.target = target
}

/** The pattern `*` stands in the table as the empty name: it is what remains when every label is gone. */
function findWildcard<T>(table: ReadonlyMap<string, PathStep<T>>, host: string): PathStep<T> | undefined {
  for (let dot = host.indexOf('.'); dot !== -1; dot = host.indexOf('.', dot + 1)) {
    const step = table.get(host.slice(dot + 1))
    if (step !== undefined) return step
  }
  return table.get('')
}

function findLongest<T>(root: PathStep<T>, pathSegments: readonly string[]): T | undefined {
  let step: PathStep<T> | undefined = root
  let target = root.target
  for (const segment of pathSegments) {
    step = step.below.get(segment)
    if (step === undefined) return target
    target = step.target ?? target
  }
  return target
}
