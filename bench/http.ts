import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { freePort, startProcess } from '../test/e2e/start-process.ts'
import type { RunningProcess } from '../test/e2e/start-process.ts'

/**
 * Decisions a second over HTTP as a ratio to a bare Fastify that answers 200, in interleaved rounds of one run.
 * The server is on processor 0, wrk on processor 1. `npm run bench -- [rounds] [seconds a round]`.
 */
const rounds = Number(process.argv[2] ?? 5)
const seconds = Number(process.argv[3] ?? 6)
const connections = 32
const repository = new URL('..', import.meta.url).pathname
const issuer = 'https://id.bench.example'
const POLICY = `# METADATA
# custom:
#   hosts: [bench.example.com]
package bench

default allow := false

allow if {
	input.request.method in {"GET", "HEAD"}
	input.request.path_segments[0] == "api"
	"reader" in input.identity.roles
}

headers["X-Bench-Team"] := input.identity.groups[0]
`

interface Round {
  readonly requests: number
  readonly seconds: number
  readonly p50: number
  readonly p99: number
  readonly statusErrors: number
  readonly socketErrors: number
}

interface Target {
  readonly name: string
  readonly port: number
  readonly tokens: string
  readonly rounds: Round[]
}

ensureWrk()
const folder = await mkdtemp(join(tmpdir(), 'regate-bench-'))
const ports = { bare: await freePort(), regate: await freePort(), admin: await freePort() }
const tokens = await prepare()
const bare = await start([join(repository, 'bench/bare-fastify.ts'), String(ports.bare)], ports.bare)
const regate = await start(
  [join(repository, 'src/main.ts'), 'serve', '--config', join(folder, 'regate.yaml')],
  ports.regate,
)
try {
  await verify()
  await measure()
} finally {
  await Promise.all([bare.stop(), regate.stop()])
  await rm(folder, { recursive: true })
}

async function measure(): Promise<void> {
  const targets: Target[] = [
    { name: 'bare Fastify', port: ports.bare, tokens: tokens.hot, rounds: [] },
    { name: 'Regate, one hot token', port: ports.regate, tokens: tokens.hot, rounds: [] },
    { name: 'Regate, 2,000 tokens', port: ports.regate, tokens: tokens.many, rounds: [] },
  ]
  const before = await memory(regate)
  for (const target of targets) await load(target, 3)
  for (let round = 0; round < rounds; round++) {
    for (const target of targets) target.rounds.push(await load(target, seconds))
  }
  report(targets)
  console.log(`resident memory of Regate: ${before} MiB before, ${await memory(regate)} MiB after`)
}

function report(targets: readonly Target[]): void {
  const [base] = targets
  if (base === undefined) return
  console.log(
    `${rounds} rounds of ${seconds} s each, ${connections} connections, processors: server 0, wrk 1, Node ${process.version}`,
  )
  console.log(
    '| target | requests/s median (min–max) | ratio to bare: median (min–max) | p50 µs | p99 µs | errors |',
  )
  console.log('| --- | --- | --- | --- | --- | --- |')
  for (const target of targets) {
    const rates = target.rounds.map(toRate)
    const ratios = target.rounds.map((round, index) => toRate(round) / toRate(base.rounds[index] ?? round))
    const errors = target.rounds.reduce((sum, round) => sum + round.statusErrors + round.socketErrors, 0)
    console.log(
      `| ${target.name} | ${spread(rates, 0)} | ${spread(ratios, 3)} | ${spread(
        target.rounds.map(({ p50 }) => p50),
        0,
      )} | ${spread(
        target.rounds.map(({ p99 }) => p99),
        0,
      )} | ${errors} |`,
    )
  }
}

function toRate({ requests, seconds: duration }: Round): number {
  return requests / duration
}

function spread(values: readonly number[], digits: number): string {
  const sorted = values.toSorted((left, right) => left - right)
  const at = (index: number): string => (sorted[index] ?? 0).toFixed(digits)
  return `${at(Math.floor(sorted.length / 2))} (${at(0)}–${at(sorted.length - 1)})`
}

function load({ port, tokens: file }: Target, duration: number): Promise<Round> {
  const script = join(repository, 'bench/request.lua')
  const parameters = [
    '-c',
    '1',
    'wrk',
    '-t1',
    `-c${connections}`,
    `-d${duration}s`,
    '-s',
    script,
    `http://127.0.0.1:${port}`,
    '--',
    file,
  ]
  return new Promise((resolve, reject) => {
    const child = spawn('taskset', parameters, { stdio: ['ignore', 'pipe', 'inherit'] })
    let text = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
    })
    child.once('error', reject).once('exit', () => {
      const line = text.split('\n').find((candidate) => candidate.startsWith('{'))
      if (line === undefined) reject(new Error(`wrk said nothing that can be read:\n${text}`))
      else resolve(JSON.parse(line) as Round)
    })
  })
}

/** The answers are right before anything is measured: who is allowed, with which headers, and who is not. */
async function verify(): Promise<void> {
  const [hot = ''] = (await readFile(tokens.hot, 'utf8')).split('\n')
  const allowed = await ask(hot)
  const header = `${allowed.headers.get('x-user-id')} ${allowed.headers.get('x-user-roles')} ${allowed.headers.get('x-bench-team')}`
  if (allowed.status !== 200 || header !== 'user-0 reader,user platform')
    throw new Error(`hot token: ${allowed.status} ${header}`)
  const altered = await ask(`${hot.slice(0, -20)}${'A'.repeat(20)}`)
  if (altered.status !== 401) throw new Error(`altered token: ${altered.status}`)
  const without = await ask(tokens.withoutRole)
  if (without.status !== 403) throw new Error(`token without the role: ${without.status}`)
}

function ask(token: string): Promise<Response> {
  const headers = {
    authorization: `Bearer ${token}`,
    'x-forwarded-method': 'GET',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'bench.example.com',
    'x-forwarded-uri': '/api/v1/items/42?page=2&sort=name',
  }
  return fetch(`http://127.0.0.1:${ports.regate}/auth`, { headers })
}

async function prepare(): Promise<{ hot: string; many: string; withoutRole: string }> {
  const { privateKey, publicKey } = await generateKeyPair('RS256')
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'bench', alg: 'RS256', use: 'sig' }] }
  await writeFile(join(folder, 'jwks.json'), JSON.stringify(jwks))
  await writeFile(join(folder, 'regate.yaml'), configuration())
  await mkdir(join(folder, 'policies/bench'), { recursive: true })
  await writeFile(join(folder, 'policies/bench/policy.rego'), POLICY)
  const mint = (index: number, roles: string[]): Promise<string> =>
    new SignJWT({
      sub: `user-${index}`,
      name: 'B. Enchmark',
      email: `user-${index}@example.com`,
      realm_access: { roles },
      groups: ['platform', 'oncall'],
      note: 'x'.repeat(150),
    })
      .setProtectedHeader({ alg: 'RS256', kid: 'bench' })
      .setIssuer(issuer)
      .setAudience('bench')
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(privateKey)
  const many = await Promise.all(Array.from({ length: 2000 }, (_, index) => mint(index, ['reader', 'user'])))
  console.log(`token length: ${many[0]?.length} characters`)
  const files = { hot: join(folder, 'hot'), many: join(folder, 'many') }
  await writeFile(files.hot, `${many[0]}\n`)
  await writeFile(files.many, `${many.join('\n')}\n`)
  return { ...files, withoutRole: await mint(1, ['nobody']) }
}

function configuration(): string {
  return `listen: 127.0.0.1:${ports.regate}
admin: { listen: 127.0.0.1:${ports.admin} }
policies: policies
cache: ${join(repository, '.regate/cache')}
authentication:
  jwt:
    - issuer: ${issuer}
      audiences: [bench]
      keys: { file: jwks.json }
      algorithms: [RS256]
      claims: { roles: realm_access.roles }
log: { level: warn, decisions: false }
`
}

function start(parameters: readonly string[], port: number): Promise<RunningProcess> {
  return startProcess('taskset', ['-c', '0', process.execPath, ...parameters], port)
}

async function memory({ pid }: RunningProcess): Promise<string> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return (Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024).toFixed(0)
}

function ensureWrk(): void {
  if (spawnSync('wrk', ['-v']).error === undefined) return
  execFileSync('apt-get', ['install', '-y', 'wrk'], { stdio: 'inherit' })
}
