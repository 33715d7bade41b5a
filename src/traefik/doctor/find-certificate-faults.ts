import { CERTIFICATE_HEADER } from '../certificate-header.ts'
import { toCanonicalName } from '../to-canonical-name.ts'
import { emptiesHeader } from './empties-header.ts'
import type { Examination } from './examination.ts'
import type { CheckResult, Finding } from './finding.ts'
import { toTexts } from './parse-traefik-state.ts'
import type { Route } from './to-routes.ts'
import { toTrustingNames } from './to-trusting-names.ts'
import type { Middleware } from './traefik-state.ts'

/** Where a client could write its certificate itself, and where none reaches Regate. */
export function findCertificateFaults({ certificates, guards, state }: Examination): CheckResult {
  if (certificates === undefined) return { findings: [], notVisible: [] }
  const header = toCanonicalName(certificates.header)
  const trusting = toTrustingNames(state)
  const findings = guards.flatMap(({ middleware, routes }): readonly Finding[] => {
    const dropped = findDropped(middleware, header)
    if (dropped.length > 0) return dropped
    return routes.flatMap((route) => {
      const steps = { header, ...split(route, middleware) }
      return header === CERTIFICATE_HEADER
        ? [...findForgeable(route, steps, trusting), ...findUnfilled(route, steps)]
        : [findStrange(route, steps)]
    })
  })
  const notVisible = ['whether the TLS options of a router ask clients for certificates']
  return { findings, notVisible: header === CERTIFICATE_HEADER ? notVisible : [] }
}

/** The way of a request to one ForwardAuth, and behind it. */
interface Steps {
  readonly header: string
  readonly before: readonly Middleware[]
  readonly after: readonly Middleware[]
}

function split({ steps }: Route, middleware: Middleware): Pick<Steps, 'before' | 'after'> {
  const at = steps.indexOf(middleware)
  return { before: steps.slice(0, at), after: steps.slice(at + 1) }
}

/** An API without `false` is that of a version in which `false` let certificates through. */
function findDropped({ name, options }: Middleware, header: string): readonly Finding[] {
  const finding = { code: 'CERTIFICATE_DROPPED', severity: 'warning', subject: name } as const
  const trust = options['trustForwardHeader']
  if (header === CERTIFICATE_HEADER && trust === false) {
    const message = `takes ${header} from what Regate sees: no certificate ever arrives`
    const mend =
      'leave trustForwardHeader out, in a middleware of `regate traefik generate`, which empties the header of clients first'
    return [{ ...finding, message, mend }]
  }
  const listed = toTexts(options['authRequestHeaders']).map(toCanonicalName)
  // With `true` Traefik adds its own headers to the list.
  const isAdded = header === CERTIFICATE_HEADER && trust === true
  if (listed.length === 0 || listed.includes(header) || isAdded) return []
  const message = `sends Regate no ${header}, which authRequestHeaders does not list: no certificate ever arrives`
  return [{ ...finding, message, mend: 'remove authRequestHeaders' }]
}

function findForgeable(
  { router, entryPoints }: Route,
  { header, before }: Steps,
  trusting: ReadonlySet<string>,
): readonly Finding[] {
  const believing = entryPoints.filter((name) => trusting.has(name))
  if (believing.length === 0 || before.some((step) => emptiesHeader(step, header))) return []
  return [
    {
      code: 'CERTIFICATE_FORGEABLE',
      severity: 'error',
      subject: router.name,
      message: `takes ${header} as sent to ${believing.join(', ')}, where forwarded headers are believed: whoever may write it is whoever he likes`,
      mend: 'put the middleware of `regate traefik generate` on it, or one first that empties the header',
    },
  ]
}

/** Nothing but `passTLSClientCert` fills the header, and only behind what empties it. */
function findUnfilled(
  { router: { name, hasTls } }: Route,
  { header, before, after }: Steps,
): readonly Finding[] {
  const filledAt = before.findLastIndex(forwardsCertificate)
  const emptiedAt = before.findLastIndex((step) => emptiesHeader(step, header))
  if (!hasTls || filledAt > emptiedAt) return []
  const finding = { code: 'CERTIFICATE_DROPPED', subject: name } as const
  const isMisplaced = filledAt !== -1 || after.some(forwardsCertificate)
  if (!isMisplaced)
    return [
      {
        ...finding,
        severity: 'note',
        message: 'has TLS and forwards no certificate: its callers are never known by one',
        mend: 'nothing, if none is to be known so; else put the middleware of `regate traefik generate` on it',
      },
    ]
  const where =
    filledAt === -1 ? 'only after Regate was asked' : 'and empties it again before Regate is asked'
  return [
    {
      ...finding,
      severity: 'warning',
      message: `writes ${header} ${where}: no certificate ever arrives`,
      mend: 'put passTLSClientCert after what empties the header, and before the middleware of Regate',
    },
  ]
}

function forwardsCertificate({ type, options }: Middleware): boolean {
  return type === 'passtlsclientcert' && options['pem'] === true
}

/** A header that Traefik neither fills nor takes from clients. */
function findStrange({ router: { name: subject } }: Route, { header, before }: Steps): Finding {
  const mend = `write authentication.certificates.header: ${CERTIFICATE_HEADER} in regate.yaml, and generate the middlewares anew`
  return before.some((step) => emptiesHeader(step, header))
    ? {
        code: 'CERTIFICATE_DROPPED',
        severity: 'warning',
        subject,
        message: `empties ${header}, which Traefik never fills: no certificate ever arrives`,
        mend,
      }
    : {
        code: 'CERTIFICATE_FORGEABLE',
        severity: 'error',
        subject,
        message: `takes ${header} as clients send it, since Traefik does not remove it: everybody is whoever he likes`,
        mend,
      }
}
