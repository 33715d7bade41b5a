/**
 * Every way in which Regate says no or gives up, with the HTTP status that a request gets for it.
 * Codes without a status belong to configuration, compilation and start; they never reach a caller.
 * docs/errors.md explains each; a test holds the two together.
 */
export const ERROR_STATUS = {
  // Reading a forwarded request
  PEER_UNTRUSTED: 403,
  ENDPOINT_UNKNOWN: 404,
  FORWARDED_HEADER_MISSING: 400,
  FORWARDED_HEADER_REPEATED: 400,
  FORWARDED_METHOD_INVALID: 400,
  FORWARDED_PROTO_INVALID: 400,
  FORWARDED_HOST_INVALID: 400,
  FORWARDED_URI_INVALID: 400,
  URI_TOO_LONG: 414,
  QUERY_TOO_LARGE: 400,
  HEADERS_TOO_LARGE: 431,
  HEADER_ALIAS: 400,
  AUTHORIZATION_REPEATED: 400,
  BODY_TOO_LARGE: 413,
  REQUEST_MALFORMED: 400,
  REQUEST_TIMEOUT: 408,

  // Routing
  APP_UNKNOWN: 403,
  APP_MISMATCH: 403,
  APP_UNAVAILABLE: 503,

  // Who is calling
  CREDENTIALS_MISSING: 401,
  TOKEN_MALFORMED: 401,
  TOKEN_TOO_LARGE: 401,
  TOKEN_UNKNOWN: 401,
  TOKEN_TYPE_INVALID: 401,
  TOKEN_ALGORITHM_REFUSED: 401,
  TOKEN_ISSUER_UNKNOWN: 401,
  TOKEN_KEY_UNKNOWN: 401,
  TOKEN_SIGNATURE_INVALID: 401,
  TOKEN_EXPIRED: 401,
  TOKEN_NOT_YET_VALID: 401,
  TOKEN_AUDIENCE_INVALID: 401,
  TOKEN_CLAIM_INVALID: 401,
  TOKEN_REVOKED: 401,
  TOKEN_BINDING_INVALID: 401,
  DPOP_PROOF_INVALID: 401,
  DPOP_PROOF_REPLAYED: 401,
  DPOP_NONCE_REQUIRED: 401,
  DPOP_OVERLOADED: 503,
  KEY_APP_REFUSED: 403,
  BASIC_MALFORMED: 401,
  BASIC_INVALID: 401,
  BASIC_OVERLOADED: 503,
  CERTIFICATE_MALFORMED: 401,
  CERTIFICATE_UNTRUSTED: 401,
  CERTIFICATE_EXPIRED: 401,
  CERTIFICATE_REVOKED: 401,
  CERTIFICATE_STATUS_UNKNOWN: 503,
  KEYS_UNAVAILABLE: 503,
  INTROSPECTION_UNAVAILABLE: 503,

  // Deciding
  POLICY_DENIED: 403,
  SCOPE_MISSING: 403,
  STEP_UP_REQUIRED: 401,
  VERDICT_INVALID: 500,
  EVALUATION_FAILED: 500,
  INTERNAL: 500,

  // Policies on disk
  APP_NAME_INVALID: undefined,
  PACKAGE_MISMATCH: undefined,
  METADATA_INVALID: undefined,
  ROUTE_CONFLICT: undefined,
  FOREIGN_REFERENCE: undefined,
  POLICY_EMPTY: undefined,
  POLICY_TOO_LARGE: undefined,
  POLICY_COMPILE_FAILED: undefined,
  POLICY_UNFORMATTED: undefined,
  CHECK_FAILED: undefined,
  DATA_INVALID: undefined,
  REQUESTS_INVALID: undefined,
  TESTS_FAILED: undefined,
  MODULE_INVALID: undefined,
  POLICY_TOO_SLOW: undefined,
  SECOND_OPINION_DIFFERS: undefined,
  EXAMINATION_FAILED: undefined,
  COMPILER_MISSING: undefined,
  COMPILER_TIMEOUT: undefined,
  COMPILER_FAILED: undefined,

  // Other programs
  TRAEFIK_UNREACHABLE: undefined,

  // Starting
  CONFIG_INVALID: undefined,
  POLICIES_UNREADABLE: undefined,
  FILES_UNWRITABLE: undefined,
  LISTEN_FAILED: undefined,
} as const satisfies Record<string, number | undefined>

export type ErrorCode = keyof typeof ERROR_STATUS

/** Where in a file a problem lies. Rows and columns start at 1. */
export interface SourceLocation {
  readonly file: string
  readonly row: number
  readonly column: number
}

interface RegateErrorOptions {
  readonly cause?: unknown
  readonly location?: SourceLocation
}

/** The one error class: `code` is for programs, `message` for the operator; neither is shown to a caller of the data plane. */
export class RegateError extends Error {
  readonly code: ErrorCode
  readonly location?: SourceLocation

  constructor(code: ErrorCode, message: string, options: RegateErrorOptions = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause })
    this.name = 'RegateError'
    this.code = code
    if (options.location !== undefined) this.location = options.location
  }
}
