import type { CaseExpectation } from '../decision/request-case.ts'
import type { HeaderLine } from '../decision/verdict.ts'
import type { YamlEntry, YamlNode } from './parse-yaml.ts'
import { quote, readFields, readText, type Report } from './yaml-fields.ts'

const FIELDS = ['outcome', 'status', 'headers'] as const
// RFC 9110 section 5.6.2
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

/** Parses `expect`: `allow`, `deny`, `deny 401`, or a mapping that names status or headers. */
export function parseCaseExpectation(node: YamlNode, report: Report): CaseExpectation | undefined {
  if (node.kind !== 'map') return parseOutcome(node, report)
  const fields = readFields(node, 'expect', FIELDS, report)
  const [outcome, status, headers] = FIELDS.map((name) => fields.get(name))
  if (outcome === undefined) {
    report('expect has no outcome: write allow or deny', node.at)
    return undefined
  }
  const expected = parseOutcome(outcome.value, report)
  switch (expected?.outcome) {
    case 'allow':
      if (status !== undefined) report('an allowed request has no status to expect', status.keyAt)
      return headers === undefined ? expected : { outcome: 'allow', headers: readHeaders(headers, report) }
    case 'deny':
      if (headers !== undefined) report('a denied request brings no headers to the app', headers.keyAt)
      return status === undefined ? expected : addStatus(expected, status, report)
    case undefined:
      return undefined
    default:
      return expected satisfies never
  }
}

/** 401, or 302 for a browser that is redirected. */
function isStatus(status: number): boolean {
  return status === 302 || (Number.isInteger(status) && status >= 400 && status <= 599)
}

function parseOutcome({ at, ...node }: YamlNode, report: Report): CaseExpectation | undefined {
  const text = node.kind === 'scalar' ? String(node.value) : ''
  if (text === 'allow' || text === 'deny') return { outcome: text }
  const status = Number(/^deny +(\d{3})$/.exec(text)?.[1])
  if (isStatus(status)) return { outcome: 'deny', status }
  report(`expect is allow, deny, or deny with a status (302, 400 to 599), such as deny 401`, at)
  return undefined
}

type Denial = CaseExpectation & { readonly outcome: 'deny' }

function addStatus(expected: Denial, { keyAt, value: node }: YamlEntry, report: Report): CaseExpectation {
  const status = node.kind === 'scalar' && typeof node.value === 'number' ? node.value : Number.NaN
  if (expected.status !== undefined) report('the status is there twice', keyAt)
  if (!isStatus(status)) report('status is 302, or a number from 400 to 599', node.at)
  return { outcome: 'deny', status }
}

function readHeaders({ value: node }: YamlEntry, report: Report): readonly HeaderLine[] {
  if (node.kind !== 'map') {
    report('headers is a mapping: { X-Role: editor }, or {} for none', node.at)
    return []
  }
  const seen = new Set<string>()
  return node.entries.map(({ key, keyAt, value }): HeaderLine => {
    if (!TOKEN.test(key)) report(`${quote(key)} is no header name`, keyAt)
    if (seen.has(key.toLowerCase())) report(`the header ${key} is there twice`, keyAt)
    seen.add(key.toLowerCase())
    const isEmpty = value.kind === 'scalar' && value.value === ''
    return [key, isEmpty ? '' : (readText(value, key, report) ?? '')]
  })
}
