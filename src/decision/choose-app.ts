import { RegateError } from '../errors.ts'
import type { AccessRequest } from './access-request.ts'
import type { App, Generation } from './ports.ts'

/**
 * The app that judges this request. `appName` comes from `/auth/<app>`.
 * Errors: `APP_UNKNOWN`, `APP_MISMATCH`, and `FORWARDED_URI_INVALID` for `//` or `%2F` where the app does not admit them,
 * or where another reading of the same path belongs to another app.
 */
export function chooseApp(generation: Generation, request: AccessRequest, appName?: string): App {
  const app = appName === undefined ? findApp(generation, request) : nameApp(generation, request, appName)
  if (hasAmbiguousForm(request)) refuseAmbiguousPath(request, app, generation, appName)
  return app
}

function findApp(generation: Generation, request: AccessRequest): App {
  const app = generation.find(request.host, request.pathSegments)
  if (app !== undefined) return app
  if (hasAmbiguousForm(request)) throw ambiguousPath(request)
  throw new RegateError('APP_UNKNOWN', `no app guards ${request.host}${request.path}`)
}

function nameApp(generation: Generation, request: AccessRequest, appName: string): App {
  const app = generation.byName(appName)
  if (app === undefined) throw new RegateError('APP_UNKNOWN', `there is no app named ${appName.slice(0, 64)}`)
  if (app.covers(request.host, request.pathSegments)) return app
  throw new RegateError('APP_MISMATCH', `the app ${app.name} does not list ${request.host}${request.path}`)
}

function hasAmbiguousForm({ pathForms }: AccessRequest): boolean {
  return pathForms.emptySegments || pathForms.encodedSlashes
}

/** The app behind may merge `//` or decode `%2F`: what it then serves must be guarded by the same app. */
function refuseAmbiguousPath(
  request: AccessRequest,
  app: App,
  generation: Generation,
  appName?: string,
): void {
  const { emptySegments, encodedSlashes } = request.pathForms
  const admitted =
    (!emptySegments || app.admits.emptySegments) && (!encodedSlashes || app.admits.encodedSlashes)
  if (!admitted) throw ambiguousPath(request)
  for (const segments of otherReadings(request.pathSegments)) {
    const same =
      appName === undefined
        ? generation.find(request.host, segments) === app
        : app.covers(request.host, segments)
    if (!same) throw ambiguousPath(request)
  }
}

function otherReadings(segments: readonly string[]): string[][] {
  const split = segments.flatMap((segment) => segment.split('/'))
  return [segments, split].map((reading) => reading.filter((segment) => segment !== ''))
}

function ambiguousPath({ pathForms }: AccessRequest): RegateError {
  const form = pathForms.emptySegments ? '//' : '%2F'
  return new RegateError(
    'FORWARDED_URI_INVALID',
    `the path in X-Forwarded-Uri holds ${form}, which this app does not admit`,
  )
}
