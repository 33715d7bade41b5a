import type { OpenedApp, OpenedFolder } from '../catalog/open-folder.ts'
import { parseRequests } from '../catalog/parse-requests.ts'
import type { RequestCase } from '../decision/request-case.ts'

/** A request that both folders are asked. */
export interface ReplayedCase {
  readonly requestCase: RequestCase
  /** Of `/auth/<app>`: its app lists no hosts. */
  readonly appName?: string
}

export interface CollectedCases {
  readonly cases: readonly ReplayedCase[]
  /** Tables that cannot be read, a message each. */
  readonly problems: readonly string[]
}

/** The cases of all request tables of both folders: each request of each caller once, whatever is expected of it. */
export function collectCases(before: OpenedFolder, after: OpenedFolder): CollectedCases {
  const read = [after, before].flatMap(({ apps }) => apps.map(readCases))
  const cases = new Map<string, ReplayedCase>()
  for (const each of read.flatMap((table) => table.cases)) {
    const { request, caller } = each.requestCase
    const key = JSON.stringify([each.appName, request, caller])
    if (!cases.has(key)) cases.set(key, each)
  }
  return { cases: [...cases.values()], problems: [...new Set(read.flatMap(({ problems }) => problems))] }
}

function readCases({ wanted: { name, requests, annotation } }: OpenedApp): CollectedCases {
  if (requests === undefined) return { cases: [], problems: [] }
  const parsed = parseRequests(requests)
  if ('problems' in parsed) {
    const [first] = parsed.problems
    return { cases: [], problems: [`${requests.path}: ${first?.message ?? 'cannot be read'}`] }
  }
  const named = annotation.hosts.length === 0 ? { appName: name } : {}
  return { cases: parsed.cases.map((requestCase) => ({ requestCase, ...named })), problems: [] }
}
