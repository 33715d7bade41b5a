import { readFileSync } from 'node:fs'
import { vi } from 'vitest'
import { parseRequests } from '../../src/catalog/parse-requests.ts'
import type { Authentication } from '../../src/decision/authentication.ts'
import { createAuthorize } from '../../src/decision/authorize.ts'
import type { Decision } from '../../src/decision/decision.ts'
import type { Generation } from '../../src/decision/ports.ts'
import type { CaseRequest, RequestCase } from '../../src/decision/request-case.ts'
import type { HeaderLine } from '../../src/decision/verdict.ts'
import { RegateError, ERROR_STATUS } from '../../src/errors.ts'
import { createForwardedReader } from '../../src/http/read-forwarded.ts'
import { createTrustedProxies } from '../../src/http/trusted-proxies.ts'

const readForwarded = createForwardedReader(
  {
    profile: 'traefik',
    tokenCookies: [],
    tokenHeaders: [],
    uriBytes: 16_384,
    queryKeys: 256,
    headerLines: 216,
    headerBytes: 65_536,
  },
  createTrustedProxies([]),
)

export function readCases(file: string): readonly RequestCase[] {
  const parsed = parseRequests({ path: file, text: readFileSync(file, 'utf8') })
  if ('cases' in parsed) return parsed.cases
  throw new Error(parsed.problems.map(({ location, message }) => `${location?.row}: ${message}`).join('\n'))
}

/** Runs cases with plain identities through the whole chain; what came of those that fail. */
export async function findFailingCases(
  generation: Generation,
  cases: readonly RequestCase[],
): Promise<readonly string[]> {
  const failing: string[] = []
  for (const each of cases) {
    if (each.request.timeMs !== undefined) vi.useFakeTimers({ toFake: ['Date'], now: each.request.timeMs })
    const got = await answer(generation, each).finally(() => vi.useRealTimers())
    if (!isExpected(each, got)) failing.push(`${each.name}: ${JSON.stringify(got)}`)
  }
  return failing
}

async function answer(generation: Generation, { request, caller }: RequestCase): Promise<Decision> {
  const authorize = createAuthorize(
    {
      challenge: { realm: 'test', schemes: ['Bearer'] },
      responseHeaders: { userId: 'X-User-ID', roles: 'X-User-Roles', separator: ',' },
    },
    { currentGeneration: () => generation, authenticate: () => toAuthentication(caller) },
  )
  try {
    return await authorize(readForwarded({ id: 'd1', rawHeaders: toLines(request) }))
  } catch (error) {
    if (!(error instanceof RegateError)) throw error
    const { code, message } = error
    return {
      kind: 'denied',
      code,
      status: ERROR_STATUS[code] ?? 500,
      reasons: [],
      detail: message,
      challenges: [],
    }
  }
}

function toAuthentication(caller: RequestCase['caller']): Authentication {
  if (caller.kind === 'anonymous') return { kind: 'anonymous' }
  if (caller.kind === 'identity') return { kind: 'identified', identity: caller.identity }
  throw new TypeError(`a shipped table knows only plain identities, not ${caller.kind}`)
}

function toLines({ method, scheme, authority, uri, headers, clientIp }: CaseRequest): readonly string[] {
  const forwarded = {
    'X-Forwarded-Method': method,
    'X-Forwarded-Proto': scheme,
    'X-Forwarded-Host': authority,
    'X-Forwarded-Uri': uri,
    ...(clientIp === undefined ? {} : { 'X-Forwarded-For': clientIp }),
  }
  const sent = Object.entries(headers).flatMap(([name, lines]) => lines.flatMap((line) => [name, line]))
  return [...Object.entries(forwarded).flat(), ...sent]
}

function isExpected({ expect }: RequestCase, got: Decision): boolean {
  if (expect.outcome === 'deny') return got.kind === 'denied' && got.status === (expect.status ?? got.status)
  if (got.kind !== 'allowed') return false
  if (expect.headers === undefined) return true
  const listed = new Set(expect.headers.map(([name]) => name.toLowerCase()))
  const counted = got.headers.filter(
    ([name]) => listed.has(name.toLowerCase()) || !['X-User-ID', 'X-User-Roles'].includes(name),
  )
  return toText(counted) === toText(expect.headers)
}

function toText(lines: readonly HeaderLine[]): string {
  const texts = lines.map(([name, value]) => `${name.toLowerCase()}: ${value}`)
  return texts.toSorted().join('\n')
}
