import type { Identity } from '../decision/identity.ts'
import { cleanText } from '../observe/redact.ts'
import type {
  ExplainedCaller,
  ExplainedDecision,
  ExplainedProxy,
  ExplainedRecord,
  ExplainedReply,
  ExplainedRouting,
  Explanation,
  ProxiedHeader,
} from './explain-document.ts'
import { OUTCOME_MARKS, toPolicySections } from './explain-policy-page.ts'

/** The explanation as one page for people. No control character of a request or a policy gets to the terminal. */
export function toExplainPage(explanation: Explanation): string {
  const { asked, recorded, caller, policy, decision, reply, proxy } = explanation
  const sections = [
    ...(recorded === undefined ? [] : [section('Recorded', toRecord(recorded))]),
    section('Request', toRequest(explanation)),
    section('App', [...toRouting(explanation.routing), ...toInstance(explanation)]),
    section('Caller', toCaller(caller)),
    ...(policy === undefined
      ? []
      : toPolicySections(policy).flatMap(([title, lines]) => section(title, lines))),
    section('Decision', [
      `${decision.outcome}${decision.code === undefined ? '' : `: ${decision.code}`}`,
      ...(decision.detail === undefined ? [] : [decision.detail]),
      ...decision.reasons.map((reason) => `reason: ${reason}`),
      ...(recorded === undefined ? [] : [compare(recorded, decision)]),
    ]),
    section('Reply to the proxy', toReply(reply)),
    section('What Traefik does', toProxy(proxy, explanation)),
  ]
  return [`${asked.method} ${asked.url}`, ...sections.flat()].map((line) => `${clean(line)}\n`).join('')
}

const LONGEST_LINE = 4096

function clean(line: string): string {
  // Tabs are the indentation of policies.
  return cleanText(line.replaceAll(/[\u0000-\u0008\u000a-\u001f]/gu, '\ufffd'), LONGEST_LINE)
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return ['', title, ...lines.map((line) => `  ${line}`.trimEnd())]
}

function toRecord({ line, note }: ExplainedRecord): readonly string[] {
  const rows = Object.entries(line).map(([name, value]) => [name, toText(value)] as const)
  return [...table(rows), note]
}

/** By outcome and code. */
function compare({ line }: ExplainedRecord, { outcome, code }: ExplainedDecision): string {
  const isSame = line['outcome'] === outcome && line['code'] === code
  return isSame ? 'as recorded' : `✗ not as recorded: ${toText(line['outcome'])}, ${toText(line['code'])}`
}

function toInstance({ instance }: Explanation): readonly string[] {
  if (instance === undefined) return []
  const { url, serves } = instance
  return [`${serves === 'this version' ? '✓' : '✗'} ${url} serves ${serves}`]
}

function toText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? 'none')
}

function toRequest({ request, decision }: Explanation): readonly string[] {
  if (request === undefined) return [`✗ refused before any policy: ${decision.code}`, `  ${decision.detail}`]
  const { method, scheme, host, port, path, rawPath, query, headers, clientIp } = request
  const flags = [request.preflight ? ['preflight'] : [], request.websocket ? ['websocket'] : []].flat()
  return table([
    ['method', method],
    ['host', `${host} (${scheme}, port ${port})`],
    ['path', rawPath === path ? path : `${path} (sent as ${rawPath})`],
    ...Object.entries(query).map(([name, values]) => ['query', `${name} = ${values.join(', ')}`] as const),
    ...Object.entries(headers).map(([name, values]) => ['header', `${name}: ${values.join(', ')}`] as const),
    ['client', clientIp ?? 'address not known'],
    ...flags.map((flag) => ['is a', flag] as const),
  ])
}

function toRouting(routing: ExplainedRouting | undefined): readonly string[] {
  if (routing === undefined) return ['not looked for']
  const { candidates, chosen, hosts } = routing
  if (candidates.length === 0 && chosen !== undefined) return [`✓ ${chosen}: it was named`]
  if (candidates.length === 0) return ['✗ none lists this host', ...hosts.map((host) => `  there is ${host}`)]
  return candidates.map(
    ({ app, host, path, why }) => `${app === chosen ? '✓' : ' '} ${app} (${host}${path}): ${why}`,
  )
}

function toCaller(caller: ExplainedCaller): readonly string[] {
  switch (caller.kind) {
    case 'unasked':
      return ['not asked']
    case 'anonymous':
      return [...toPlace(caller), ...toChecks(caller), `anonymous: ${caller.ignored ?? 'no credentials'}`]
    case 'identified':
      return [...toPlace(caller), ...toChecks(caller), ...toIdentity(caller.identity, caller.proof)]
    case 'rejected':
      return [
        ...toPlace(caller),
        ...toChecks(caller),
        `✗ ${caller.code}: ${caller.detail}`,
        ...(caller.isRecorded === true ? [NOT_JUDGED] : []),
      ]
    default:
      return caller satisfies never
  }
}

const NOT_JUDGED =
  'Refused here when it was made, and not judged again: the log holds no credentials. To try again, give method and URL with --token-file or --header.'

function toPlace({ credential }: Exclude<ExplainedCaller, { kind: 'unasked' }>): readonly string[] {
  return credential === undefined ? [] : [`credential  ${credential}`]
}

function toChecks({ checks }: Exclude<ExplainedCaller, { kind: 'unasked' }>): readonly string[] {
  return checks.map(({ check, outcome }) => `${OUTCOME_MARKS[outcome]} token: ${check}`)
}

function toIdentity(identity: Identity, proof: 'verified' | 'assumed'): readonly string[] {
  const { subject, authenticatedBy, issuer, email } = identity
  const lists = (['roles', 'groups', 'scopes'] as const).filter((name) => identity[name].length > 0)
  return table([
    [
      'subject',
      `${subject} (${proof === 'verified' ? `by ${authenticatedBy}` : 'assumed, nothing was verified'})`,
    ],
    ...(issuer === undefined ? [] : [['issuer', issuer] as const]),
    ...lists.map((name) => [name, identity[name].join(', ')] as const),
    ...(email === undefined ? [] : [['email', email] as const]),
  ])
}

function toReply({ status, headers, body }: ExplainedReply): readonly string[] {
  return [
    String(status),
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...(body === undefined ? [] : [body]),
  ]
}

function toProxy(
  { middleware, headers }: ExplainedProxy,
  { decision, reply }: Explanation,
): readonly string[] {
  if (decision.outcome === 'denied')
    return [`relays this ${reply.status} with its headers to the client; the app is not called`]
  if (middleware === undefined) return ['no middleware is written for this app']
  const listed = middleware.authResponseHeaders.join(', ')
  return [
    `with the middleware ${middleware.name} (authResponseHeaders: ${listed}) the app receives`,
    ...headers.map(toEffect),
  ]
}

function toEffect({ name, effect, value }: ProxiedHeader): string {
  switch (effect) {
    case 'set':
      return `+ ${name}: ${value}`
    case 'overwritten':
      return `+ ${name}: ${value} (in place of the client's)`
    case 'removed':
      return `- ${name} (the client sent it; removed)`
    case 'absent':
      return `- ${name} (not answered; none is let through)`
    case 'forwarded':
      return `  ${name}: ${value} (the client's own)`
    default:
      return effect satisfies never
  }
}

function table(rows: readonly (readonly [name: string, value: string])[]): readonly string[] {
  const width = Math.max(...rows.map(([name]) => name.length))
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`)
}
