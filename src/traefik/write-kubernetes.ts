import { explainCertificates } from './explain-certificates.ts'
import type { AppMiddleware } from './to-middlewares.ts'
import { type Part, toParts } from './to-parts.ts'
import { toRule } from './to-rule.ts'
import { writeYaml } from './yaml/write-yaml.ts'

/** A `Middleware` for each app, and an `IngressRoute` as example for each that lists hosts. */
export function writeKubernetes(middlewares: readonly AppMiddleware[]): string {
  const documents = middlewares.flatMap((middleware) => {
    const { app } = middleware
    const parts = toParts(middleware, toResourceName(app.name))
    const resources = parts.map(([name, part]) => writeYaml(toMiddleware(name, part)))
    return app.hosts.length === 0 ? resources : [...resources, `${EXAMPLE}${writeYaml(toRoute(middleware))}`]
  })
  // What apps share stands there once.
  return `${ENTRY_POINT}${explainCertificates(middlewares)}${[...new Set(documents)].join('---\n')}`
}

const ENTRY_POINT = `# Written by \`regate traefik generate\`: one middleware for each app, with exactly the headers that its policy can emit.
# Traefik itself wants for every entry point that leads to these apps (3.7.12 and newer):
#
#   --entryPoints.web.http.aliasHeadersStrategy=delete
#
`
const EXAMPLE = '# Example: entry point, service and port are yours.\n'
const API_VERSION = 'traefik.io/v1alpha1'

function toMiddleware(name: string, part: Part) {
  const spec =
    'chain' in part
      ? { chain: { middlewares: part.chain.middlewares.map((each) => ({ name: each })) } }
      : part
  return { apiVersion: API_VERSION, kind: 'Middleware', metadata: { name }, spec }
}

function toRoute({ app }: AppMiddleware) {
  const name = toResourceName(app.name)
  const services = [{ name: app.name.replaceAll('_', '-').replace(/-+$/, ''), port: 80 }]
  const route = { kind: 'Rule', match: toRule(app), middlewares: [{ name }], services }
  const spec = { entryPoints: ['web'], routes: [route] }
  return { apiVersion: API_VERSION, kind: 'IngressRoute', metadata: { name }, spec }
}

/** Resources have names of RFC 1123: no underscore, no dash at the end. Different apps keep different names. */
function toResourceName(app: string): string {
  const name = app.replaceAll('_', '-')
  return name.endsWith('-') ? `regate.${name}0` : `regate-${name}`
}
