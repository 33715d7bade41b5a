import { explainCertificates } from './explain-certificates.ts'
import type { AppMiddleware } from './to-middlewares.ts'
import { toProviderDocument } from './to-provider-document.ts'
import { toRule } from './to-rule.ts'
import { writeYaml } from './yaml/write-yaml.ts'

/** A file for Traefik's file provider. What it cannot hold, the entry point and the routers, is told in comments. */
export function writeFileProvider(middlewares: readonly AppMiddleware[]): string {
  return [
    ENTRY_POINT,
    explainCertificates(middlewares),
    toRouters(middlewares),
    writeYaml(toProviderDocument(middlewares)),
  ].join('')
}

const ENTRY_POINT = `# Written by \`regate traefik generate\`: one middleware for each app, with exactly the headers that its policy can emit.
#
# In Traefik's static configuration, on every entry point that leads to these apps:
#
#   entryPoints:
#     web:
#       address: ":80"
#       http:
#         aliasHeadersStrategy: delete # 3.7.12 and newer: X_User_Roles must not reach an app as X-User-Roles
#       # and neither forwardedHeaders.insecure nor forwardedHeaders.connection
#
`

function toRouters(middlewares: readonly AppMiddleware[]): string {
  const routed = middlewares.filter(({ app }) => app.hosts.length > 0)
  if (routed.length === 0) return ''
  const routers = routed.map(({ app, name }): readonly [string, object] => [
    app.name,
    { rule: toRule(app), middlewares: [name], service: app.name },
  ])
  const lines = writeYaml({ http: { routers: Object.fromEntries(routers) } })
    .trimEnd()
    .split('\n')
  const intro =
    '# Routers that use them (before anything that rewrites the path); the services are yours:\n#\n'
  return `${intro}${lines.map((line) => `#   ${line}\n`).join('')}#\n`
}
