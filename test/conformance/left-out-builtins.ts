/**
 * Builtins that no policy may call: each would need the network, a secret or the inside of the compiler, or (GraphQL) the
 * syntax tree of one Go library.
 */
export const LEFT_OUT_BUILTINS: ReadonlySet<string> = new Set([
  'graphql.is_valid',
  'graphql.parse',
  'graphql.parse_and_verify',
  'graphql.parse_query',
  'graphql.parse_schema',
  'graphql.schema_is_valid',
  'http.send',
  'internal.test_case',
  'net.lookup_ip_addr',
  'opa.runtime',
  'providers.aws.sign_req',
  'rego.parse_module',
])
