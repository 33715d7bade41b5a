import type { CaseCaller, RequestCase } from '../decision/request-case.ts'
import { RegateError, type SourceLocation } from '../errors.ts'
import { type Callers, findCaller, parseCaller, parseCaseCaller } from './parse-case-caller.ts'
import { parseCaseExpectation } from './parse-case-expectation.ts'
import { parseCaseRequest, parseRequestLine } from './parse-case-request.ts'
import { parseYaml, type YamlEntry, type YamlNode } from './parse-yaml.ts'
import type { SourceFile } from './source-file.ts'
import { quote, readFields, readText, type Report } from './yaml-fields.ts'

export type ParsedRequests =
  | { readonly cases: readonly RequestCase[] }
  | { readonly problems: readonly RegateError[] }

const FIELDS = ['name', 'request', 'caller', 'expect'] as const
const CALLER_NAME = /^[A-Za-z][A-Za-z0-9_-]{0,62}$/
const MAX_CHARACTERS = 1024 * 1024
const MAX_CASES = 5000
const MAX_PROBLEMS = 100

/**
 * Parses an app's request table, `requests.yaml`: `callers` (a name → who that is) and `requests`, of which each is one line,
 * `GET https://app.example.com/path as <caller>: allow`, or a mapping of name, request, caller and expect.
 * Returns the cases, or every problem up to 100 (`REQUESTS_INVALID` with file, row and column; of a text that is no YAML the first).
 * `schemas/requests.schema.json` describes the same for editors.
 */
export function parseRequests(file: SourceFile): ParsedRequests {
  const problems: RegateError[] = []
  const report: Report = (problem, location) => {
    if (problems.length < MAX_PROBLEMS)
      problems.push(new RegateError('REQUESTS_INVALID', problem, { location }))
  }
  try {
    const cases = parseTable(readTable(file), report)
    return problems.length === 0 ? { cases } : { problems }
  } catch (error) {
    if (error instanceof RegateError) return { problems: [error] }
    throw error
  }
}

function readTable({ path, text }: SourceFile): YamlNode {
  const start: SourceLocation = { file: path, row: 1, column: 1 }
  const fail = (problem: string) => new RegateError('REQUESTS_INVALID', problem, { location: start })
  if (text.length > MAX_CHARACTERS) throw fail(`the table is longer than ${MAX_CHARACTERS} characters`)
  const node = parseYaml({ text, file: path, code: 'REQUESTS_INVALID' })
  if (node === undefined) throw fail('the file is empty')
  return node
}

function parseTable(root: YamlNode, report: Report): readonly RequestCase[] {
  const fields = readFields(root, 'the table', ['callers', 'requests'], report)
  const callers = readCallers(fields.get('callers'), report)
  const requests = fields.get('requests')
  if (requests === undefined) {
    if (root.kind === 'map') report('the table has no requests', root.at)
    return []
  }
  const { value } = requests
  if (value.kind !== 'list' || value.items.length === 0 || value.items.length > MAX_CASES) {
    report(`requests is a list of 1 to ${MAX_CASES} cases`, value.at)
    return []
  }
  const cases = value.items.flatMap((item) => parseCase(item, callers, report) ?? [])
  reportTwins(cases, report)
  return cases
}

function readCallers(entry: YamlEntry | undefined, report: Report): Callers {
  const callers = new Map<string, CaseCaller>([['anonymous', { kind: 'anonymous' }]])
  if (entry === undefined) return callers
  if (entry.value.kind !== 'map') report('callers is a mapping: a name → who that is', entry.value.at)
  else
    for (const { key, keyAt, value } of entry.value.entries) {
      if (key === 'anonymous')
        report('anonymous is the caller who shows no credentials; name this one otherwise', keyAt)
      else if (!CALLER_NAME.test(key))
        report(`${quote(key)} is no name of a caller: write letters, digits, - and _`, keyAt)
      // A caller that is wrong is reported once, not at each of its requests.
      callers.set(key, parseCaller(value, report) ?? { kind: 'anonymous' })
    }
  return callers
}

function parseCase(node: YamlNode, callers: Callers, report: Report): RequestCase | undefined {
  if (node.kind !== 'map') {
    report(NO_CASE, node.at)
    return undefined
  }
  const [first, ...others] = node.entries
  return first?.key.includes('://') === true
    ? parseShortCase(first, others, { callers, report })
    : parseLongCase(node, callers, report)
}

const NO_CASE =
  'a case is GET https://app.example.com/path as anonymous: deny 401, or a mapping of name, request, caller, expect'

const ONE_LINE =
  'a case of one line stands alone: begin the next with "- ", or write name, request, caller and expect'

interface Reading {
  readonly callers: Callers
  readonly report: Report
}

function parseShortCase(
  { key, keyAt, value }: YamlEntry,
  others: readonly YamlEntry[],
  { callers, report }: Reading,
): RequestCase | undefined {
  const reportLine = (problem: string): void => report(problem, keyAt)
  for (const other of others) report(ONE_LINE, other.keyAt)
  const expect = parseCaseExpectation(value, report)
  const [, line = '', name = ''] = /^(.*?) +as +(\S+)$/.exec(key) ?? []
  if (name === '') {
    reportLine(`${quote(key)} names no caller: write … as anonymous, or the name of one of the callers`)
    return undefined
  }
  const request = parseRequestLine(line, reportLine)
  const caller = findCaller(name, callers, reportLine)
  if (request === undefined || caller === undefined || expect === undefined) return undefined
  return { name: key, at: keyAt, request, caller, expect }
}

function parseLongCase(node: YamlNode, callers: Callers, report: Report): RequestCase | undefined {
  const fields = readFields(node, 'a case', FIELDS, report)
  const [name, request, caller, expect] = FIELDS.map((field) => fields.get(field)?.value)
  if (request === undefined || caller === undefined || expect === undefined) {
    const missing = FIELDS.filter((field) => field !== 'name' && !fields.has(field))
    report(`the case has no ${missing.join(', no ')}`, node.at)
  }
  const parsed = {
    name: name && readText(name, 'name', report),
    request: request && parseCaseRequest(request, report),
    caller: caller && parseCaseCaller(caller, callers, report),
    expect: expect && parseCaseExpectation(expect, report),
  }
  if (parsed.request === undefined || parsed.caller === undefined || parsed.expect === undefined)
    return undefined
  const { method, scheme, authority, uri } = parsed.request
  return {
    name: parsed.name ?? `${method} ${scheme}://${authority}${uri} (row ${node.at.row})`,
    at: node.at,
    request: parsed.request,
    caller: parsed.caller,
    expect: parsed.expect,
  }
}

/** A name tells in every report which case is meant. */
function reportTwins(cases: readonly RequestCase[], report: Report): void {
  const rows = new Map<string, number>()
  for (const { name, at } of cases) {
    const row = rows.get(name)
    if (row === undefined) rows.set(name, at.row)
    else report(`${quote(name)} is there twice, first in row ${row}`, at)
  }
}
