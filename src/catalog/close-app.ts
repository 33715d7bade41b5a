import type { App } from '../decision/ports.ts'

/** The same app as one that cannot answer: its requests get 503. Frozen. */
export function closeApp(app: App): App {
  const { evaluate: _, ...closed } = app
  return Object.freeze(closed)
}
