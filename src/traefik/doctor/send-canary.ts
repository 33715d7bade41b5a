import type { Finding } from './finding.ts'
import { parseRegateProblem } from './parse-regate-problem.ts'
import { RESERVED_CODE, toReservedPath } from './reserved-path.ts'
import type { CanaryTarget } from './to-routes.ts'

/** Sends a GET through Traefik, byte for byte; a list is as many lines. Rejects where nobody answers. */
export type SendRequest = (request: {
  readonly host: string
  readonly path: string
  readonly headers: Readonly<Record<string, string | readonly string[]>>
}) => Promise<{ readonly status: number; readonly body: string }>

export interface CanaryOptions {
  readonly send: SendRequest
  /** Whether it speaks TLS: other routers answer then. */
  readonly isSecure: boolean
  /** Credentials that no configured method takes, so that whoever sends them is denied; absent where no method is configured. */
  readonly badCredential?: string
  /** The name of the roles header. */
  readonly rolesName: string
}

export interface CanaryReport {
  readonly host: string
  readonly findings: readonly Finding[]
  /** What was sent, and what became of it. */
  readonly observations: readonly string[]
}

const FORGED = ['X-Forwarded-Uri', 'X-Forwarded-Method', 'X-Forwarded-Host', 'X-Forwarded-Proto']

/**
 * Sends forged headers through Traefik to a path that Regate always refuses, and reads from the code of the denial what arrived.
 * Every request is denied by itself: by its path, or by credentials that do not hold. Nothing is told to anybody that a
 * denial does not tell everybody.
 */
export async function sendCanary(
  { host, prefix }: CanaryTarget,
  options: CanaryOptions,
): Promise<CanaryReport> {
  const folder = encodeURI(prefix)
  const path = toReservedPath(folder)
  const plain = await ask(host, path, {}, options)
  if (plain.code !== RESERVED_CODE) return { host, findings: [toUnanswered(host, plain)], observations: [] }
  const answers: [name: string, code: string][] = []
  for (const name of FORGED) {
    // Twice: what arrives as sent is refused for being repeated.
    const { code = 'nothing' } = await ask(host, path, { [name]: ['canary', 'canary'] }, options)
    answers.push([name, code])
  }
  const believed = answers.filter(([, code]) => code !== RESERVED_CODE)
  return {
    host,
    findings:
      believed.length === 0
        ? []
        : [
            toForged(
              host,
              believed.map(([name]) => name),
            ),
          ],
    observations: [
      ...answers.map(
        ([name, code]) =>
          `forged ${name}: ${code === RESERVED_CODE ? 'did not arrive' : `arrived (${code})`}`,
      ),
      ...(await observeAlias({ host, prefix: folder }, options)),
    ],
  }
}

async function observeAlias(
  { host, prefix }: CanaryTarget,
  options: CanaryOptions,
): Promise<readonly string[]> {
  const { badCredential, rolesName } = options
  if (badCredential === undefined) return []
  const alias = rolesName.replaceAll('-', '_')
  const headers = { [alias]: 'canary', authorization: badCredential }
  const { code, status } = await ask(host, `${prefix.replace(/\/$/, '')}/regate-canary`, headers, options)
  const outcome = code === 'HEADER_ALIAS' ? 'arrived, and Regate refused it' : 'did not arrive'
  return [`forged ${alias}: ${code === undefined && status !== 400 ? `status ${status}` : outcome}`]
}

interface Answer {
  readonly status: number
  readonly code?: string
  readonly reason?: string
}

async function ask(
  host: string,
  path: string,
  headers: Readonly<Record<string, string | readonly string[]>>,
  { send }: CanaryOptions,
): Promise<Answer> {
  try {
    const { status, body } = await send({ host, path, headers: { accept: 'application/json', ...headers } })
    const code = parseRegateProblem(body)
    return code === undefined ? { status } : { status, code }
  } catch (error) {
    return { status: 0, reason: error instanceof Error ? error.message : String(error) }
  }
}

function toUnanswered(host: string, { status, code, reason }: Answer): Finding {
  const finding = { code: 'CANARY_UNANSWERED', severity: 'error', subject: host } as const
  if (code === 'PEER_UNTRUSTED')
    return {
      ...finding,
      message: 'Regate does not trust the address of Traefik: every request is denied',
      mend: 'list it in proxy.trusted of regate.yaml',
    }
  if (reason !== undefined)
    return {
      ...finding,
      message: `nobody answered the canary: ${reason}`,
      mend: 'name with --canary where clients reach Traefik',
    }
  const answered = code === undefined ? `status ${status}, and not by Regate` : code
  const message = `the canary, which Regate always refuses, was answered ${answered}`
  if (status === 404 || (status >= 300 && status < 400))
    return {
      ...finding,
      severity: 'note',
      message,
      mend: 'name with --canary an entry point that leads to this router',
    }
  const mend =
    status === 500
      ? 'see that Traefik reaches Regate'
      : 'put a middleware of Regate on every router of this host'
  return { ...finding, message, mend }
}

function toForged(host: string, names: readonly string[]): Finding {
  return {
    code: 'CANARY_FORGED',
    severity: 'error',
    subject: host,
    message: `${names.join(', ')} of a client ${names.length === 1 ? 'arrives' : 'arrive'} at Regate: a client chooses what is decided`,
    mend: 'write trustForwardHeader: false, or leave it out for client certificates, and remove forwardedHeaders.insecure',
  }
}
