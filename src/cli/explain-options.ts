import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { resolve } from 'node:path'
import type { Impersonate } from '../auth/create-impersonator.ts'
import type { Config } from '../config/to-config.ts'
import { isRecord } from '../decision/is-record.ts'
import type { CaseCaller } from '../decision/request-case.ts'
import { RegateError } from '../errors.ts'
import type { AskedRequest, Header } from './explain-asked.ts'

/** As commander hands them over. */
export interface ExplainOptions {
  readonly token?: string
  readonly tokenFile?: string
  readonly claims?: string
  readonly as?: string
  readonly basic?: string
  readonly passwordFile?: string
  readonly anonymous?: true
  readonly header: readonly Header[]
  readonly rawHeader: readonly Header[]
  readonly from?: string
  readonly app?: string
}

interface AskedTools {
  /** The working folder. */
  readonly folder: string
  readonly impersonate: Impersonate
  readonly from: Config['authentication']['from']
  /** Milliseconds since the epoch. */
  readonly nowMs: number
}

/** Where the proxy's own headers stand, nobody else's count. */
const PROXY_HEADER = /^(?:host|x-forwarded-(?:for|host|method|port|proto|uri))$/i

/** Reads the request and its caller from the command line. Throws `CONFIG_INVALID` for what cannot be meant. */
export function toAskedRequest(
  { method, url }: { readonly method: string | undefined; readonly url: string | undefined },
  options: ExplainOptions,
  tools: AskedTools,
): AskedRequest {
  if (method === undefined || url === undefined) throw wrong('Give a method and a URL, or --decision.')
  const { header, rawHeader: rawHeaders, from: clientIp, app } = options
  const [refused] = header.find(([name]) => PROXY_HEADER.test(name)) ?? []
  if (refused !== undefined)
    throw wrong(
      `${refused} is written by the proxy: it comes from the URL, or from --from. Use --raw-header to add a malformed line.`,
    )
  if (clientIp !== undefined && isIP(clientIp) === 0) throw wrong('--from needs an IP address.')
  const { authentication, headers } = readCaller(options, tools)
  return { method, url, headers: [...header, ...headers], rawHeaders, clientIp, app, authentication }
}

interface Caller extends Pick<AskedRequest, 'authentication'> {
  readonly headers: readonly Header[]
}

function readCaller(options: ExplainOptions, tools: AskedTools): Caller {
  const { token, tokenFile, claims, as, basic, passwordFile, anonymous } = options
  const ways = [token, tokenFile, claims, as, basic, anonymous].filter((way) => way !== undefined)
  if (ways.length > 1)
    throw wrong('One caller at a time: --token, --token-file, --claims, --as, --basic or --anonymous.')
  if ((basic === undefined) !== (passwordFile === undefined))
    throw wrong('--basic and --password-file go together.')
  if (token !== undefined)
    return { headers: [toTokenLine(token === '-' ? readText('-', tools) : token, tools)] }
  if (tokenFile !== undefined) return { headers: [toTokenLine(readText(tokenFile, tools), tools)] }
  if (basic !== undefined) return { headers: [toBasicLine(basic, readText(passwordFile ?? '-', tools))] }
  if (as !== undefined) return assume({ kind: 'token', name: as }, tools)
  return claims === undefined
    ? { headers: [] }
    : assume({ kind: 'claims', claims: readClaims(claims, tools) }, tools)
}

/** The first place in which the service looks for a token. */
function toTokenLine(token: string, { from: [place] }: AskedTools): Header {
  switch (place?.kind) {
    case 'cookie':
      return ['Cookie', `${place.name}=${token}`]
    case 'header':
      return [place.name, token]
    case 'authorization':
    case undefined:
      return ['Authorization', `Bearer ${token}`]
    default:
      return place satisfies never
  }
}

function toBasicLine(user: string, password: string): Header {
  return ['Authorization', `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`]
}

function assume(caller: CaseCaller, { impersonate, nowMs }: AskedTools): Caller {
  try {
    return { headers: [], authentication: impersonate(caller, nowMs) }
  } catch (error) {
    if (error instanceof RegateError) throw wrong(`${error.message}.`)
    throw error
  }
}

function readClaims(file: string, tools: AskedTools): Readonly<Record<string, unknown>> {
  const claims = parseJson(readText(file, tools))
  if (isRecord(claims)) return claims
  throw wrong(`${file} holds no JSON object of claims.`)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** `-` is standard input. A line break at the end is not part of a secret. */
function readText(file: string, { folder }: AskedTools): string {
  try {
    return readFileSync(file === '-' ? 0 : resolve(folder, file), 'utf8').replace(/\r?\n$/u, '')
  } catch (cause) {
    throw new RegateError('CONFIG_INVALID', `${file} cannot be read.`, { cause })
  }
}

function wrong(message: string): RegateError {
  return new RegateError('CONFIG_INVALID', message)
}
