import type { App, Evaluate } from '../decision/ports.ts'
import type { Annotation } from './annotation.ts'
import { createRouting } from './create-routing.ts'

interface Abilities {
  readonly emittable: ReadonlySet<string>
  readonly inputPaths?: ReadonlySet<string>
  readonly evaluate?: Evaluate
}

/**
 * Makes the app that requests meet. It covers a request when one of its hosts fits and one of its paths does; where it
 * lists no hosts, every host fits. Frozen.
 */
export function toApp(name: string, annotation: Annotation, { emittable, ...abilities }: Abilities): App {
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
    ...abilities,
  })
}
