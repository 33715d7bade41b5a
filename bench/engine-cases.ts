import { readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { compileApp } from '../src/catalog/compile-app.ts'
import { findCompiler } from '../src/catalog/find-compiler.ts'
import { type PreparedCompiler, prepareCompiler } from '../src/catalog/prepare-compiler.ts'
import type { SourceFile } from '../src/catalog/source-file.ts'
import { createInputWriter } from '../src/decision/create-input-writer.ts'
import type { AccessRequest } from '../src/decision/access-request.ts'
import type { Identity } from '../src/decision/identity.ts'
import type { App } from '../src/decision/ports.ts'

export interface BenchPolicy {
  readonly name: string
  readonly wasm: Uint8Array
  readonly data: object
  readonly inputPaths: ReadonlySet<string>
}

export interface BenchRequest {
  readonly request: AccessRequest
  readonly identity: Identity
}

export const SIZES = ['small', 'ordinary', 'large'] as const

const PATTERNS = `package patterns

default allow := false

allow if {
	glob.match("/api/*/items/**", ["/"], input.request.path)
	net.cidr_contains("203.0.113.0/24", input.request.client_ip)
	regex.match("^[a-z][a-z0-9.-]{2,30}$", input.identity.subject)
}

headers["X-Bench-User"] := input.identity.subject
`

/** The shipped apps and one with a glob, a network and a pattern, each as an app is compiled for service. */
export async function compilePolicies(): Promise<readonly BenchPolicy[]> {
  const root = new URL('../policies/', import.meta.url).pathname
  const compiler = await openCompiler()
  const lib = await readSources(root, 'lib')
  const names = (await readdir(root)).filter((name) => name !== 'lib').toSorted()
  const shipped = names.map(async (name) => {
    const data = await readFile(join(root, name, 'data.yaml'), 'utf8').then(parse, () => ({}))
    return compile({ name, files: await readSources(root, name) }, { [name]: data }, { lib, compiler })
  })
  return [...(await Promise.all(shipped)), await compileText('patterns', PATTERNS)]
}

/** One policy of one file. */
export async function compileText(name: string, text: string): Promise<BenchPolicy> {
  const app = { name, files: [{ path: `${name}/policy.rego`, text }] }
  return compile(app, {}, { lib: [], compiler: await openCompiler() })
}

async function openCompiler(): Promise<PreparedCompiler> {
  const { PATH = '', REGATE_OPA } = process.env
  const places = { configuredPath: REGATE_OPA, environmentPath: PATH, cacheFolder: '.regate/cache' }
  const compiler = await findCompiler(places)
  const limits = { timeoutMs: 60_000, memoryBytes: 1024 ** 3 }
  return prepareCompiler({ compiler, cacheFolder: join(tmpdir(), 'regate-bench-cache'), ...limits })
}

async function compile(
  app: { readonly name: string; readonly files: readonly SourceFile[] },
  data: object,
  rest: { readonly lib: readonly SourceFile[]; readonly compiler: PreparedCompiler },
): Promise<BenchPolicy> {
  const { wasm, inputPaths } = await compileApp({ app, ...rest })
  return { name: app.name, wasm, data, inputPaths: new Set(inputPaths) }
}

async function readSources(root: string, folder: string): Promise<SourceFile[]> {
  const names = (await readdir(join(root, folder))).filter((name) => name.endsWith('.rego'))
  const read = async (name: string) => ({
    path: `${folder}/${name}`,
    text: await readFile(join(root, folder, name), 'utf8'),
  })
  return Promise.all(names.map(read))
}

const TARGETS: Readonly<Record<string, Partial<AccessRequest>>> = {
  api: { host: 'api.example.com', path: '/orders/7', pathSegments: ['orders', '7'] },
  tenants: { host: 'acme.tenants.example.com' },
  site: { path: '/admin/users', pathSegments: ['admin', 'users'] },
  patterns: { path: '/api/v1/items/42/parts', pathSegments: ['api', 'v1', 'items', '42', 'parts'] },
}

const SMALL: AccessRequest = {
  id: '0198c5f2-7d1e-7c43-9f0a-1b2c3d4e5f60',
  method: 'GET',
  scheme: 'https',
  host: 'app.example.com',
  port: 443,
  path: '/d/home',
  pathSegments: ['d', 'home'],
  rawPath: '/d/home',
  pathForms: { emptySegments: false, encodedSlashes: false },
  query: {},
  headers: {},
  oddHeaderNames: [],
  clientIp: '203.0.113.9',
  preflight: false,
  websocket: false,
  credentials: { cookies: {}, headers: {} },
}

const BROWSER = {
  accept: ['application/json, text/plain, */*'],
  'accept-encoding': ['gzip, deflate, br'],
  'accept-language': ['en-US,en;q=0.9'],
  referer: ['https://app.example.com/d/home'],
  'user-agent': ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'],
}

const CALLER: Identity = {
  subject: 'bob',
  roles: ['admin'],
  groups: [],
  scopes: ['orders:read'],
  claims: {},
  authenticatedBy: 'jwt',
}

const NAMED = { ...CALLER, issuer: 'https://id.example.com', email: 'bob@example.com', name: 'Bob Example' }

/** A request that the policy allows, with as much around it as its size says. */
export function toRequest(policy: string, size: (typeof SIZES)[number]): BenchRequest {
  const request = { ...SMALL, ...TARGETS[policy] }
  switch (size) {
    case 'small':
      return { request, identity: CALLER }
    case 'ordinary':
      return { request: { ...request, headers: BROWSER }, identity: { ...NAMED, claims: toClaims(2) } }
    case 'large':
      return {
        request: { ...request, query: toQuery(40), headers: { ...BROWSER, ...toHeaders(40) } },
        identity: { ...NAMED, claims: toClaims(250) },
      }
    default:
      return size satisfies never
  }
}

/** What the policies read between them: the small input has no more. */
const COMMON_PATHS = new Set([
  'request.method',
  'request.host',
  'request.path',
  'request.path_segments',
  'request.client_ip',
  'identity.subject',
  'identity.roles',
  'identity.scopes',
])

/** The input document as an object; a small one has only what some policy reads. */
export function toInput(policy: string, size: (typeof SIZES)[number]): object {
  const write = createInputWriter(toApp(policy, size === 'small' ? COMMON_PATHS : undefined), new Set())
  const { request, identity } = toRequest(policy, size)
  return JSON.parse(write(request, identity)) as object
}

function toClaims(groups: number): Identity['claims'] {
  const names = Array.from({ length: groups }, (_, index) => `team-${index}-of-the-organisation`)
  return { sub: 'bob', iss: NAMED.issuer, iat: 1_790_000_000, exp: 1_790_003_600, acr: 'mfa', groups: names }
}

function toHeaders(count: number): Record<string, string[]> {
  const names = Array.from({ length: count }, (_, index) => `x-service-setting-${index}`)
  return Object.fromEntries(names.map((name) => [name, [`${name};${'value'.repeat(16)}`]]))
}

function toQuery(count: number): Record<string, string[]> {
  const names = Array.from({ length: count }, (_, index) => `filter[${index}]`)
  return Object.fromEntries(names.map((name) => [name, [`${name} is "${'value'.repeat(4)}"`]]))
}

/** As much of an app as the writer of inputs needs. */
export function toApp(name: string, inputPaths?: ReadonlySet<string>): App {
  const admits = { emptySegments: false, encodedSlashes: false }
  const app = { name, hosts: [], covers: () => true, admits, emittableNames: new Set<string>() }
  return inputPaths === undefined ? app : { ...app, inputPaths }
}
