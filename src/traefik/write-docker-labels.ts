import { isRecord } from '../decision/is-record.ts'
import { explainCertificates } from './explain-certificates.ts'
import type { AppMiddleware } from './to-middlewares.ts'
import { toParts } from './to-parts.ts'
import { toRule } from './to-rule.ts'
import { writeYaml } from './yaml/write-yaml.ts'

/**
 * Labels for the services of a Compose file, each app's on its own container: labels on Regate's container would have Traefik
 * make a router to Regate itself.
 */
export function writeDockerLabels(middlewares: readonly AppMiddleware[]): string {
  const services = middlewares.map((middleware): readonly [string, object] => [
    middleware.app.name,
    { labels: toLabels(middleware).map(escapeDollar) },
  ])
  return `${ENTRY_POINT}${explainCertificates(middlewares)}${writeYaml({ services: Object.fromEntries(services) })}`
}

const ENTRY_POINT = `# Written by \`regate traefik generate\`: one middleware for each app, with exactly the headers that its policy can emit.
# Traefik itself wants for every entry point that leads to these apps (3.7.12 and newer):
#
#   command:
#     - --entryPoints.web.http.aliasHeadersStrategy=delete
#
`

function toLabels(middleware: AppMiddleware): readonly string[] {
  const { app, name } = middleware
  const options = toParts(middleware, name).flatMap(([part, types]) =>
    Object.entries(types).flatMap(([type, values]) =>
      toOptions(`traefik.http.middlewares.${part}.${type.toLowerCase()}`, values),
    ),
  )
  const rule = app.hosts.length === 0 ? [] : [`traefik.http.routers.${app.name}.rule=${toRule(app)}`]
  return ['traefik.enable=true', ...options, ...rule, `traefik.http.routers.${app.name}.middlewares=${name}`]
}

function toOptions(path: string, value: unknown): readonly string[] {
  if (!isRecord(value)) return [`${path}=${String(value)}`]
  return Object.entries(value).flatMap(([option, inner]) => toOptions(`${path}.${option}`, inner))
}

/** Compose reads a single `$` as the start of a variable. */
function escapeDollar(label: string): string {
  return label.replaceAll('$', '$$$$')
}
