import type { CaseCaller, CaseRequest } from '../../decision/request-case.ts'
import type { AppChange } from '../../review/blast-radius-apps.ts'
import type { ReplayedLog } from '../../review/blast-radius-decisions.ts'
import { NOT_IN_THE_LOG } from '../../review/blast-radius-log.ts'
import type { Outcome } from '../../review/blast-radius-outcome.ts'
import type { Difference } from '../../review/blast-radius.ts'
import type { Changes } from '../check-changes.ts'
import { toPlainText } from './to-plain-text.ts'

/** For people: the apps that an edit changes, and each decision that differs, before → after. */
export function toBlastReport({ since, apps, requests, decisions }: Changes): string {
  const parts = [
    `since ${since}: ${apps.length === 0 ? 'no app changes' : `${apps.length} apps change`}\n`,
    ...apps.map(toApp),
    `\n${requests.compared} requests of the tables: ${toCount(requests.differences.length)}\n`,
    ...requests.differences.map((difference) => toDifference(difference)),
    ...requests.left.map((reason) => `  not asked: ${reason}\n`),
    ...(decisions === undefined ? [] : toLog(decisions)),
  ]
  return toPlainText(parts.join(''))
}

/** Of the log; `--json` has all. */
const SHOWN = 50

function toApp({ app, kind, parts, details, problems }: AppChange): string {
  const what = kind === 'changed' ? parts.join(', ') : kind
  return [
    `  ${app}: ${what}`,
    ...details.map((each) => `    ${each}`),
    ...problems.map((each) => `    ${each}`),
    '',
  ].join('\n')
}

function toLog({ decisions, compared, differences, left }: ReplayedLog): readonly string[] {
  const total = differences.reduce((sum, { count }) => sum + count, 0)
  const hidden = differences.length - SHOWN
  return [
    `\n${compared} of ${decisions} decisions of the log: ${toCount(total)}\n`,
    ...differences.slice(0, SHOWN).map((each) => toDifference(each, each.count)),
    ...(hidden > 0 ? [`  and ${hidden} more\n`] : []),
    ...Object.entries(left).map(([reason, count]) => `  not asked again: ${count}, ${reason}\n`),
    ...(compared < decisions ? [`  (${NOT_IN_THE_LOG})\n`] : []),
  ]
}

function toCount(differences: number): string {
  return differences === 0 ? 'the same decisions' : `${differences} decided otherwise`
}

function toDifference({ request, caller, at, before, after }: Difference, count = 1): string {
  const { method, scheme, authority, uri } = request
  const place = at === undefined ? '' : `  ${at.file}:${at.row}`
  const times = count === 1 ? '' : `  ${count} times`
  const heading = `${method} ${scheme}://${authority}${uri} as ${describeCaller(caller)}${describeRest(request)}${place}${times}`
  return [
    `  ${heading}`,
    `    ${describe(before)} → ${describe(after)}`,
    ...listDetails(before, after),
    '',
  ].join('\n')
}

/** What besides method and URL makes the request. */
function describeRest({ headers, clientIp }: CaseRequest): string {
  const lines = Object.entries(headers).map(([name, values]) => `${name}: ${values.join(', ')}`)
  const rest = [...lines, ...(clientIp === undefined ? [] : [`from ${clientIp}`])]
  return rest.length === 0 ? '' : ` (${rest.join('; ')})`
}

function describeCaller(caller: CaseCaller): string {
  switch (caller.kind) {
    case 'anonymous':
      return 'anonymous'
    case 'identity': {
      const { subject, roles, scopes } = caller.identity
      const lists = [
        roles.length === 0 ? [] : `roles ${roles.join(' ')}`,
        scopes.length === 0 ? [] : `scopes ${scopes.join(' ')}`,
      ]
      return [subject, ...lists.flat().map((list) => `[${list}]`)].join(' ')
    }
    case 'claims':
      return `claims ${JSON.stringify(caller.claims).slice(0, 200)}`
    case 'token':
      return `the static token ${caller.name}`
    default:
      return caller satisfies never
  }
}

function describe({ outcome, status, code, app }: Outcome): string {
  const why = code === undefined ? '' : ` ${code}`
  return `${outcome} ${status}${why}${app === undefined ? ' (no app)' : ` by ${app}`}`
}

/** Line by line what goes and what comes. */
function listDetails(before: Outcome, after: Outcome): readonly string[] {
  const [old, now] = [before, after].map(({ headers, redirect, message, challenges }) => [
    ...headers,
    ...challenges.map((challenge) => `WWW-Authenticate: ${challenge}`),
    ...(redirect === undefined ? [] : [`Location: ${redirect}`]),
    ...(message === undefined ? [] : [`message: ${message}`]),
  ])
  const gone = old?.filter((line) => now?.includes(line) !== true) ?? []
  const come = now?.filter((line) => old?.includes(line) !== true) ?? []
  return [...gone.map((line) => `    - ${line}`), ...come.map((line) => `    + ${line}`)]
}
