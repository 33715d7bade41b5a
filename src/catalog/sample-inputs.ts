import type { Annotation } from './annotation.ts'

const CERTIFICATE = {
  subject: { CN: ['sample'], OU: ['sample'] },
  issuer: { CN: ['Sample CA'] },
  serial_number: '01',
  fingerprint: '00'.repeat(32),
  not_before: 1_800_000_000,
  not_after: 1_900_000_000,
  dns_names: ['sample.example'],
  emails: ['sample@example.com'],
  uris: ['spiffe://sample.example/sample'],
  ip_addresses: ['192.0.2.1'],
}

const IDENTITY = {
  subject: 'sample',
  issuer: 'https://issuer.example',
  audience: ['sample'],
  client_id: 'sample',
  roles: ['viewer'],
  groups: [],
  scopes: ['read'],
  email: 'sample@example.com',
  name: 'Sample',
  acr: 'urn:example:mfa',
  amr: ['pwd', 'otp'],
  auth_time: 1_800_000_000,
  claims: { sub: 'sample' },
  authenticated_by: 'jwt',
}

/** Input documents as requests of an app would make them: anonymous and identified, reading, writing and a preflight. */
export function sampleInputs(app: string, { hosts, paths }: Annotation): readonly object[] {
  const [host = 'sample.example.com'] = hosts.map((pattern) => pattern.replace('*', 'sample'))
  const [segments = []] = paths
  const toInput = (changes: object, identity: object) => ({
    request: { ...toRequest(host, segments), ...changes },
    app: { name: app },
    ...identity,
  })
  return [
    toInput({}, {}),
    toInput({}, { identity: IDENTITY }),
    toInput({ method: 'POST', query: { a: ['1'] } }, { identity: IDENTITY }),
    toInput({}, { identity: { ...IDENTITY, authenticated_by: 'certificate', certificate: CERTIFICATE } }),
    toInput({ method: 'OPTIONS', preflight: true, headers: { origin: ['https://sample.example'] } }, {}),
  ]
}

function toRequest(host: string, segments: readonly string[]): object {
  const path = `/${segments.join('/')}`
  return {
    id: 'sample',
    method: 'GET',
    scheme: 'https',
    host,
    port: 443,
    path,
    path_segments: segments,
    raw_path: encodeURI(path),
    query: {},
    headers: { accept: ['*/*'], 'user-agent': ['sample'] },
    client_ip: '192.0.2.1',
    preflight: false,
    websocket: false,
  }
}
