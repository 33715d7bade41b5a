import type { Authentication } from '../decision/authentication.ts'
import type { App, Generation } from '../decision/ports.ts'
import type { ExplainedCredential } from './explain-credential.ts'

/** What the service evaluated. */
export interface Evaluation {
  readonly app: string
  /** JSON. */
  readonly input: string
  readonly result?: unknown
  /** What it threw. */
  readonly failure?: string
}

/** What the chain was seen to do. */
export interface Seen {
  evaluation?: Evaluation
  authentication?: Authentication
  /** Absent where the caller is taken for somebody. */
  credential?: ExplainedCredential
}

/** The same apps of the same generation, whose evaluations are watched. */
export function watchGeneration(generation: Generation, seen: Seen): Generation {
  const watched = new Map<App, App>()
  function watch(app: App | undefined): App | undefined {
    if (app === undefined) return undefined
    const known = watched.get(app) ?? watchApp(app, seen)
    watched.set(app, known)
    return known
  }
  return {
    ...generation,
    find: (host, segments) => watch(generation.find(host, segments)),
    byName: (name) => watch(generation.byName(name)),
  }
}

function watchApp(app: App, seen: Seen): App {
  const { name, evaluate } = app
  if (evaluate === undefined) return app
  return {
    ...app,
    evaluate: async (...given) => {
      const [document] = given
      const input = typeof document === 'string' ? document : JSON.stringify(document)
      try {
        const result = await evaluate(...given)
        seen.evaluation = { app: name, input, result }
        return result
      } catch (error) {
        seen.evaluation = {
          app: name,
          input,
          failure: error instanceof Error ? error.message : String(error),
        }
        throw error
      }
    },
  }
}
