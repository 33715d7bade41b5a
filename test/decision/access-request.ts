import type { AccessRequest, NameValues } from '../../src/decision/access-request.ts'
import type { App, Generation } from '../../src/decision/ports.ts'

/** A request as the http room would have read it: GET https://myapp.example.com/, anonymous. */
export function toAccessRequest(changes: Partial<AccessRequest> = {}): AccessRequest {
  return {
    id: 'decision-1',
    method: 'GET',
    scheme: 'https',
    host: 'myapp.example.com',
    port: 443,
    path: '/',
    pathSegments: [],
    rawPath: '/',
    pathForms: { emptySegments: false, encodedSlashes: false },
    query: emptyValues(),
    headers: emptyValues(),
    oddHeaderNames: [],
    preflight: false,
    websocket: false,
    credentials: { cookies: emptyValues(), headers: emptyValues() },
    ...changes,
  }
}

export function toValues(values: Record<string, readonly string[]>): NameValues {
  return Object.assign(Object.create(null), values)
}

function emptyValues(): NameValues {
  return Object.create(null)
}

/** One app, reached by every host and path it lists, whose policy returns what the test says. */
export function toApp(changes: Partial<App> = {}): App {
  return {
    name: 'myapp',
    hosts: ['myapp.example.com'],
    covers: (host) => host === 'myapp.example.com',
    admits: { emptySegments: false, encodedSlashes: false },
    emittableNames: new Set(),
    evaluate: () => ({}),
    ...changes,
  }
}

/** Whether a policy's input tells who is calling. */
export function hasIdentity(input: object | string): boolean {
  return (typeof input === 'string' ? JSON.parse(input) : input).identity !== undefined
}

export function toGeneration(apps: readonly App[], find?: Generation['find']): Generation {
  return {
    find:
      find ?? ((host, segments) => apps.find((app) => app.hosts.length > 0 && app.covers(host, segments))),
    byName: (name) => apps.find((app) => app.name === name),
    emittableNames: new Set(apps.flatMap((app) => [...app.emittableNames])),
    activatedAtMs: 0,
  }
}
