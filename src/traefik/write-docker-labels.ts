import type { AppMiddleware } from './to-middlewares.ts'
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
  return `${ENTRY_POINT}${writeYaml({ services: Object.fromEntries(services) })}`
}

const ENTRY_POINT = `# Written by \`regate traefik generate\`: one middleware for each app, with exactly the headers that its policy can emit.
# Traefik itself wants for every entry point that leads to these apps (3.7.12 and newer):
#
#   command:
#     - --entryPoints.web.http.aliasHeadersStrategy=delete
#
`

function toLabels({ app, name, forwardAuth }: AppMiddleware): readonly string[] {
  const options = Object.entries(forwardAuth).map(
    ([option, value]) => `traefik.http.middlewares.${name}.forwardauth.${option}=${String(value)}`,
  )
  const rule = app.hosts.length === 0 ? [] : [`traefik.http.routers.${app.name}.rule=${toRule(app)}`]
  return ['traefik.enable=true', ...options, ...rule, `traefik.http.routers.${app.name}.middlewares=${name}`]
}

/** Compose reads a single `$` as the start of a variable. */
function escapeDollar(label: string): string {
  return label.replaceAll('$', '$$$$')
}
