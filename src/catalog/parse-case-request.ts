import { isIP } from 'node:net'
import type { NameValues } from '../decision/access-request.ts'
import type { CaseRequest } from '../decision/request-case.ts'
import type { YamlEntry, YamlNode } from './parse-yaml.ts'
import { quote, readFields, readText, type Report } from './yaml-fields.ts'

const FIELDS = ['method', 'url', 'headers', 'from', 'time'] as const
const SCHEMES = ['http', 'https', 'ws', 'wss'] as const

// RFC 9110 section 5.6.2
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const FIELD_VALUE = /^(?:[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?)?$/
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d)$/

/** Why a case may not send a header: something else in it says the same. */
const SAID_ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['host', 'the url says the host'],
  ['authorization', 'the caller says who is calling'],
  ['proxy-authorization', 'the caller says who is calling'],
])

/** Parses `request`: `METHOD URL`, a URL alone (GET), or a mapping. undefined where it has no URL that can be sent. */
export function parseCaseRequest(node: YamlNode, report: Report): CaseRequest | undefined {
  if (node.kind === 'scalar' && typeof node.value === 'string')
    return parseRequestLine(node.value, (problem) => report(problem, node.at))
  const fields = readFields(node, 'the request', FIELDS, report)
  const method = readMethod(fields.get('method'), report)
  const headers = readHeaders(fields.get('headers'), report)
  const clientIp = readAddress(fields.get('from'), report)
  const timeMs = readTime(fields.get('time'), report)
  const url = fields.get('url')
  if (url === undefined) {
    if (node.kind === 'map') report('the request has no url', node.at)
    return undefined
  }
  const text = readText(url.value, 'url', report)
  const target =
    text === undefined ? undefined : parseTarget(text, (problem) => report(problem, url.value.at))
  if (target === undefined) return undefined
  return {
    method,
    ...target,
    headers,
    ...(clientIp === undefined ? {} : { clientIp }),
    ...(timeMs === undefined ? {} : { timeMs }),
  }
}

/** Parses `METHOD URL`, or a URL alone, which is a GET. */
export function parseRequestLine(line: string, report: (problem: string) => void): CaseRequest | undefined {
  const words = line.split(' ').filter((word) => word !== '')
  const [url = '', method = 'GET', ...rest] = words.toReversed()
  if (rest.length > 0) {
    report(`${quote(line)} is no request: write METHOD URL, such as GET https://app.example.com/path`)
    return undefined
  }
  const target = parseTarget(url, report)
  checkMethod(method, report)
  return target === undefined ? undefined : { method, ...target, headers: noHeaders() }
}

type Target = Pick<CaseRequest, 'scheme' | 'authority' | 'uri'>

/** Splits a URL without reading it: what its path means is for the request's own chain to say. */
function parseTarget(url: string, report: (problem: string) => void): Target | undefined {
  const [, schemeText = '', authority = '', rest = ''] = /^([a-z]+):\/\/([^/?#]*)(.*)$/s.exec(url) ?? []
  const scheme = SCHEMES.find((name) => name === schemeText)
  const problem = scheme === undefined ? NO_URL : findTargetProblem(authority, rest)
  if (scheme === undefined || problem !== undefined) {
    report(`${quote(url)}: ${problem ?? NO_URL}`)
    return undefined
  }
  return { scheme, authority, uri: rest.startsWith('/') ? rest : `/${rest}` }
}

const NO_URL = 'write the whole URL, such as https://app.example.com/path'

function findTargetProblem(authority: string, rest: string): string | undefined {
  if (authority === '') return NO_URL
  if (authority.includes('@')) return 'leave user and password out; the caller says who is calling'
  if (authority.includes('*')) return 'write one host in place of the *'
  if (/[^\x21-\x7e]/.test(authority)) return 'write the ASCII form of the host (xn--…)'
  if (rest.includes('#')) return 'leave the # and what follows out; a client does not send it'
  return /[^\x21-\x7e]/.test(rest)
    ? `write the path as a client sends it: ${quote(encodeURI(rest).replaceAll('%25', '%'))}`
    : undefined
}

function readMethod(entry: YamlEntry | undefined, report: Report): string {
  if (entry === undefined) return 'GET'
  const text = readText(entry.value, 'method', report)
  if (text !== undefined) checkMethod(text, (problem) => report(problem, entry.value.at))
  return text ?? 'GET'
}

function checkMethod(text: string, report: (problem: string) => void): void {
  if (!TOKEN.test(text)) report(`${quote(text)} is no method`)
  else if (/[a-z]/.test(text)) report(`write the method as it is sent: ${text.toUpperCase()}`)
}

function readHeaders(entry: YamlEntry | undefined, report: Report): NameValues {
  const headers = noHeaders()
  if (entry === undefined) return headers
  if (entry.value.kind !== 'map') report('headers is a mapping: { Accept: text/html }', entry.value.at)
  else for (const each of entry.value.entries) addHeader(headers, each, report)
  return headers
}

type MutableHeaders = Record<string, readonly string[]>

/** Without a prototype, so that `__proto__` is a name like any other. */
function noHeaders(): MutableHeaders {
  return Object.create(null) as MutableHeaders
}

function addHeader(headers: MutableHeaders, { key, keyAt, value }: YamlEntry, report: Report): void {
  const name = key.toLowerCase()
  const problem = findNameProblem(key, headers)
  if (problem !== undefined) report(problem, keyAt)
  else headers[name] = readLines(value, key, report)
}

function findNameProblem(name: string, known: NameValues): string | undefined {
  const lower = name.toLowerCase()
  if (!TOKEN.test(name)) return `${quote(name)} is no header name`
  if (lower.startsWith('x-forwarded-')) return `leave ${name} out; method, url and from say it`
  if (SAID_ELSEWHERE.has(lower)) return `leave ${name} out; ${SAID_ELSEWHERE.get(lower)}`
  return lower in known ? `the header ${name} is there twice; write its values as a list` : undefined
}

function readLines(node: YamlNode, name: string, report: Report): readonly string[] {
  return (node.kind === 'list' ? node.items : [node]).map((item) => readLine(item, name, report))
}

function readLine(node: YamlNode, name: string, report: Report): string {
  const isEmpty = node.kind === 'scalar' && node.value === ''
  const line = isEmpty ? '' : (readText(node, name, report) ?? '')
  if (!FIELD_VALUE.test(line)) report(`${name} holds visible ASCII, without blanks at its ends`, node.at)
  return line
}

function readAddress(entry: YamlEntry | undefined, report: Report): string | undefined {
  if (entry === undefined) return undefined
  const text = readText(entry.value, 'from', report)
  if (text === undefined || (isIP(text) !== 0 && !text.includes('%'))) return text
  report(`${quote(text)} is no address: write one such as 203.0.113.9 or 2001:db8::9`, entry.value.at)
  return undefined
}

function readTime(entry: YamlEntry | undefined, report: Report): number | undefined {
  if (entry === undefined) return undefined
  const text = readText(entry.value, 'time', report)
  if (text === undefined) return undefined
  const timeMs = TIME.test(text) ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(timeMs) && isRealDay(text)) return timeMs
  report(`${quote(text)} is no time: write one such as 2026-01-31T12:00:00Z`, entry.value.at)
  return undefined
}

/** Date.parse turns 31 February into 3 March. */
function isRealDay(text: string): boolean {
  const day = text.slice(0, 10)
  return new Date(`${day}T00:00:00Z`).toISOString().startsWith(day)
}
