import type { AppMiddleware } from './to-middlewares.ts'

/** Comments for a generated file whose middlewares forward certificates; empty for others. */
export function explainCertificates(middlewares: readonly AppMiddleware[]): string {
  return middlewares.some(({ takesCertificates }) => takesCertificates === true) ? COMMENT : ''
}

const COMMENT = `# Client certificates: each \`regate-<app>\` is a chain, which empties the header that a client may have written, has Traefik write
# it from the TLS handshake, and asks Regate. A router asks for certificates by its TLS options (clientAuth): docs/traefik.md.
#
`
