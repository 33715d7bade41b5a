/** Builtins of OPA that are left out on purpose, and why: the compile error says so. */
export const LEFT_OUT_BUILTINS: ReadonlyMap<string, string> = new Map([
  ...withReason(
    'a policy does not reach the network: put what it has to know into the token or a data file',
    ['http.send', 'net.lookup_ip_addr'],
  ),
  ...withReason('a policy does not see the environment: put settings into a data file', ['opa.runtime']),
  ...withReason('it would need secret keys in a policy', ['providers.aws.sign_req']),
  ...withReason('it needs the compiler, which does not run while requests are decided', [
    'rego.parse_module',
  ]),
  ...withReason('a policy never sees the body of a request', [
    'graphql.is_valid',
    'graphql.parse',
    'graphql.parse_and_verify',
    'graphql.parse_query',
    'graphql.parse_schema',
    'graphql.schema_is_valid',
  ]),
  ...withReason("it is for OPA's own tests", ['internal.test_case']),
])

function withReason(reason: string, names: readonly string[]): readonly (readonly [string, string])[] {
  return names.map((name) => [name, reason])
}
