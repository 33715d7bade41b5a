import type { App, Evaluate } from '../decision/ports.ts'
import type { Annotation } from './annotation.ts'
import { createRouting } from './create-routing.ts'

interface Abilities {
  readonly emittable: ReadonlySet<string>
  /** See `App.hiddenNames`. */
  readonly hidden?: ReadonlySet<string>
  readonly inputPaths?: ReadonlySet<string>
  readonly evaluate?: Evaluate
}

/**
 * Makes the app that requests meet. It covers a request when one of its hosts fits and one of its paths does; where it
 * lists no hosts, every host fits. Frozen.
 */
export function toApp(
  name: string,
  annotation: Annotation,
  { emittable, hidden = emittable, ...abilities }: Abilities,
): App {
  const { hosts, paths, authentication, allowEmptySegments, allowEncodedSlashes } = annotation
  const patterns = hosts.length === 0 ? ['*'] : hosts
  const find = createRouting(patterns.flatMap((host) => paths.map((path) => ({ host, path, target: name }))))
  return Object.freeze({
    name,
    hosts: Object.freeze([...hosts]),
    covers: (host: string, segments: readonly string[]) => find(host, segments) !== undefined,
    admits: Object.freeze({ emptySegments: allowEmptySegments, encodedSlashes: allowEncodedSlashes }),
    ...(authentication === undefined ? {} : { authentication }),
    emittableNames: emittable,
    hiddenNames: hidden,
    ...abilities,
  })
}

interface CodeLists {
  readonly emittable: readonly string[]
  /** Undefined: nobody has read the source. */
  readonly certain?: readonly string[]
  readonly inputPaths?: ReadonlySet<string>
}

/** What an app may do, by its code and what METADATA adds to it. */
export function toAbilities(
  { emittable, certain, inputPaths }: CodeLists,
  { headers }: Annotation,
): Abilities {
  return {
    emittable: new Set([...emittable, ...headers]),
    ...(certain === undefined ? {} : { hidden: new Set([...certain, ...headers]) }),
    ...(inputPaths === undefined ? {} : { inputPaths }),
  }
}
