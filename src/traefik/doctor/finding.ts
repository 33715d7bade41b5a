/** Something about a running Traefik that its operator should know. */
export interface Finding {
  readonly code: FindingCode
  /** `error`: a way round Regate, or nothing works. `warning`: weaker than it should be. `note`: perhaps as meant. */
  readonly severity: 'error' | 'warning' | 'note'
  /** The router, middleware or entry point, as Traefik names it. */
  readonly subject: string
  /** What is wrong, and what comes of it. */
  readonly message: string
  /** What would be right. */
  readonly mend: string
}

/** docs/traefik.md explains each. */
export type FindingCode =
  | 'ROUTER_UNGUARDED'
  | 'ROUTER_NOT_LOADED'
  | 'MIDDLEWARE_NOT_LOADED'
  | 'TCP_ROUTERS'
  | 'ADDRESS_WRONG'
  | 'ADDRESS_UNREACHABLE'
  | 'HEADER_MISSING'
  | 'HEADER_EXTRA'
  | 'FORWARD_HEADER_TRUSTED'
  | 'FORWARDED_HEADERS_INSECURE'
  | 'CLIENT_ADDRESS_HIDDEN'
  | 'REWRITTEN_FIRST'
  | 'ALIAS_HEADERS_KEPT'
  | 'REQUEST_HEADERS_LIMITED'
  | 'REQUEST_METHOD_PRESERVED'
  | 'BODY_FORWARDED'
  | 'RESPONSE_UNBOUNDED'
  | 'SIGN_IN_URL'
  | 'ERRORS_OUTSIDE'
  | 'IDENTITY_REMOVED'
  | 'FORWARD_AUTH_TWICE'
  | 'CERTIFICATE_FORGEABLE'
  | 'CERTIFICATE_DROPPED'
  | 'VERSION_ADVISORY'
  | 'STATIC_DIFFERS'
  | 'CANARY_FORGED'
  | 'CANARY_UNANSWERED'

/** What a check says. */
export interface CheckResult {
  readonly findings: readonly Finding[]
  /** What it could not see: never a reason to believe that it is fine. */
  readonly notVisible: readonly string[]
}
