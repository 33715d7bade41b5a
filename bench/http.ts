import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { freePort, type RunningProcess } from '../test/e2e/start-process.ts'
import { ask } from './ask.ts'
import {
  CONNECTIONS,
  countErrors,
  ensureWrk,
  measureLoad,
  type Round,
  spread,
  type TimedRound,
} from './run-wrk.ts'
import { cacheFolder, readMemory, startBareFastify, startRegate } from './start-server.ts'

/**
 * Decisions a second over HTTP as a ratio to a bare Fastify that answers 200, in interleaved rounds of one run.
 * The server is on processor 0, wrk on processor 1. `npm run bench -- [rounds] [seconds a round]`.
 */
const rounds = Number(process.argv[2] ?? 5)
const seconds = Number(process.argv[3] ?? 6)
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

interface Target {
  readonly name: string
  readonly server: RunningProcess
  readonly port: number
  readonly tokens: string
  readonly rounds: TimedRound[]
}

ensureWrk()
const folder = await mkdtemp(join(tmpdir(), 'regate-bench-'))
const ports = { bare: await freePort(), regate: await freePort(), admin: await freePort() }
const tokens = await prepare()
const bare = await startBareFastify(ports.bare)
const regate = await startRegate(join(folder, 'regate.yaml'), ports.regate)
try {
  await verify()
  await measure()
} finally {
  await Promise.all([bare.stop(), regate.stop()])
  await rm(folder, { recursive: true })
}

async function measure(): Promise<void> {
  const targets: Target[] = [
    { name: 'bare Fastify', server: bare, port: ports.bare, tokens: tokens.hot, rounds: [] },
    { name: 'Regate, one hot token', server: regate, port: ports.regate, tokens: tokens.hot, rounds: [] },
    { name: 'Regate, 2,000 tokens', server: regate, port: ports.regate, tokens: tokens.many, rounds: [] },
  ]
  const before = await readMemory(regate)
  for (const target of targets) await load(target, 3)
  for (let round = 0; round < rounds; round++) {
    for (const target of targets) target.rounds.push(await load(target, seconds))
  }
  report(targets)
  const after = await readMemory(regate)
  console.log(`resident memory of Regate: ${before.toFixed(0)} MiB before, ${after.toFixed(0)} MiB after`)
}

function report(targets: readonly Target[]): void {
  const [base] = targets
  if (base === undefined) return
  console.log(
    `${rounds} rounds of ${seconds} s each, ${CONNECTIONS} connections, processors: server 0, wrk 1, Node ${process.version}`,
  )
  console.log(
    '| target | requests/s median (min–max) | ratio to bare: median (min–max) | processor µs a request | ratio by processor time | p50 µs | p99 µs | errors |',
  )
  console.log('| --- | --- | --- | --- | --- | --- | --- | --- |')
  for (const target of targets) {
    const rates = target.rounds.map(toRate)
    const ratios = target.rounds.map((round, index) => toRate(round) / toRate(base.rounds[index] ?? round))
    const times = target.rounds.map(({ microseconds }) => microseconds)
    const timeRatios = times.map((time, index) => (base.rounds[index]?.microseconds ?? time) / time)
    const cells = [
      target.name,
      spread(rates, 0),
      spread(ratios, 3),
      spread(times, 1),
      spread(timeRatios, 3),
      ...[target.rounds.map(({ p50 }) => p50), target.rounds.map(({ p99 }) => p99)].map((each) =>
        spread(each, 0),
      ),
      target.rounds.reduce((sum, round) => sum + countErrors(round), 0),
    ]
    console.log(`| ${cells.join(' | ')} |`)
  }
}

function load({ server, port, tokens: file }: Target, duration: number): Promise<TimedRound> {
  return measureLoad(server, { port, file, seconds: duration })
}

function toRate({ requests, seconds: duration }: Round): number {
  return requests / duration
}

/** The answers are right before anything is measured: who is allowed, with which headers, and who is not. */
async function verify(): Promise<void> {
  const hot = (await readFile(tokens.hot, 'utf8')).trim()
  const allowed = await ask(ports.regate, hot)
  const header = `${allowed.headers.get('x-user-id')} ${allowed.headers.get('x-user-roles')} ${allowed.headers.get('x-bench-team')}`
  if (allowed.status !== 200 || header !== 'user-0 reader,user platform')
    throw new Error(`hot token: ${allowed.status} ${header}`)
  const altered = await ask(ports.regate, `${hot.slice(0, -20)}${'A'.repeat(20)}`)
  if (altered.status !== 401) throw new Error(`altered token: ${altered.status}`)
  const without = await ask(ports.regate, toLine(tokens.withoutRole))
  if (without.status !== 403) throw new Error(`token without the role: ${without.status}`)
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
  await writeFile(files.hot, `${many.slice(0, 1).map(toLine).join('\n')}\n`)
  await writeFile(files.many, `${many.map(toLine).join('\n')}\n`)
  return { ...files, withoutRole: await mint(1, ['nobody']) }
}

function toLine(token: string): string {
  return `Authorization: Bearer ${token}`
}

function configuration(): string {
  return `listen: 127.0.0.1:${ports.regate}
admin: { listen: 127.0.0.1:${ports.admin} }
policies: policies
cache: ${cacheFolder}
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
