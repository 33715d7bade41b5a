import type { CaseRequest } from '../decision/request-case.ts'
import { HEADER_PROFILES, type ProfileName } from './header-profile.ts'

/** The header lines in which a proxy of this profile forwards a request: names and values in turn, as Node's `rawHeaders`. */
export function toForwardedLines(request: CaseRequest, profile: ProfileName): string[] {
  const { method, host, proto, uri, clientAddresses } = HEADER_PROFILES[profile]
  const own = Object.entries(request.headers).flatMap(([name, lines]) =>
    lines.flatMap((line) => [name, line]),
  )
  const from = request.clientIp === undefined ? [] : [clientAddresses, request.clientIp]
  const target = [method, request.method, proto, request.scheme, host, request.authority, uri, request.uri]
  return [...own, ...target, ...from]
}
