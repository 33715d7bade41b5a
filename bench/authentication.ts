import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../test/e2e/start-process.ts'
import { ask } from './ask.ts'
import { createMethods, ISSUER, type Method } from './authentication-methods.ts'
import { countErrors, ensureWrk, measureLoad, spread, type TimedRound } from './run-wrk.ts'
import { cacheFolder, startBareFastify, startRegate } from './start-server.ts'

/**
 * What each way of authentication costs a request: the processor time of Regate and all its threads, and how many times that
 * of a bare Fastify's answer it is, in interleaved rounds of one run; with a credential that was never sent before, and with
 * one that was. `npm run bench:auth -- [rounds] [seconds a round]`.
 */
const rounds = Number(process.argv[2] ?? 3)
const seconds = Number(process.argv[3] ?? 1)
/** A round of new credentials ends when they are used up, and surely then. */
const MOST_SECONDS = 20
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

allow if not input.identity
`

interface Target {
  readonly name: string
  readonly port: number
  readonly fill: () => readonly string[]
  readonly once: boolean
  readonly rounds: TimedRound[]
}

ensureWrk()
const folder = await mkdtemp(join(tmpdir(), 'regate-bench-'))
const ports = { bare: await freePort(), regate: await freePort(), admin: await freePort() }
const methods = await createMethods(rounds)
const provider = await startProvider(methods.keys)
await writeFiles()
const bare = await startBareFastify(ports.bare)
const regate = await startRegate(join(folder, 'regate.yaml'), ports.regate)
try {
  for (const method of methods.list) await verify(method)
  await measure()
} finally {
  await Promise.all([bare.stop(), regate.stop()])
  provider.close()
  await rm(folder, { recursive: true })
}

async function measure(): Promise<void> {
  const fresh = methods.list.map((method) => toTarget(method, () => method.fresh(method.count), true))
  const again = methods.list.map((method) => {
    const { again: makeAgain } = method
    const same = method.fresh(1)
    return toTarget(method, () => makeAgain?.(method.count) ?? same, makeAgain !== undefined)
  })
  const line = again[1]?.fill() ?? []
  const base: Target = { name: 'bare', port: ports.bare, fill: () => line, once: false, rounds: [] }
  const targets = [base, ...fresh, ...again]
  for (const target of targets) await load(target)
  for (let round = 0; round < rounds; round += 1)
    for (const target of targets) target.rounds.push(await load(target))
  report(base, fresh, again)
}

function toTarget({ name }: Method, fill: Target['fill'], once: boolean): Target {
  return { name, port: ports.regate, fill, once, rounds: [] }
}

async function load({ port, fill, once }: Target): Promise<TimedRound> {
  const file = join(folder, 'requests')
  await writeFile(file, `${fill().join('\n')}\n`)
  const server = port === ports.bare ? bare : regate
  return measureLoad(server, { port, file, seconds: once ? MOST_SECONDS : seconds, once })
}

function report(base: Target, fresh: readonly Target[], again: readonly Target[]): void {
  const bareTimes = base.rounds.map(({ microseconds }) => microseconds)
  console.log(`${rounds} rounds, ${seconds} s for one credential again and again, Node ${process.version}`)
  console.log(`bare Fastify: ${spread(bareTimes, 1)} µs of processor time a request`)
  console.log('| method | new: µs | times bare | p50 ms | again: µs | times bare | p50 ms | errors |')
  console.log('| --- | --- | --- | --- | --- | --- | --- | --- |')
  for (const [index, target] of fresh.entries()) {
    const pair = [target, again[index] ?? target]
    const cells = pair.flatMap((one) => toCells(one, bareTimes))
    const errors = pair.flatMap((one) => one.rounds).reduce((sum, round) => sum + countErrors(round), 0)
    console.log(`| ${[target.name, ...cells, errors].join(' | ')} |`)
  }
}

function toCells({ rounds: measured }: Target, bareTimes: readonly number[]): string[] {
  const times = measured.map(({ microseconds }) => microseconds)
  const ratios = times.map((time, round) => time / (bareTimes[round] ?? Number.NaN))
  const [latency = ''] = spread(
    measured.map(({ p50 }) => p50 / 1000),
    1,
  ).split(' ')
  return [spread(times, 0), spread(ratios, 1), latency]
}

/** The answer names the caller before anything is measured. */
async function verify({ name, user, fresh }: Method): Promise<void> {
  const [line = ''] = fresh(1)
  const { status, headers } = await ask(ports.regate, line)
  const named = headers.get('x-user-id') ?? undefined
  if (status !== 200 || named !== user) throw new Error(`${name}: ${status} ${named}\n${regate.output()}`)
}

/** The issuer's keys, and what it says of any opaque token. */
async function startProvider(keys: readonly object[]) {
  const expires = Math.floor(Date.now() / 1000) + 3600
  const active = { active: true, sub: 'user-of-bench', aud: 'bench', exp: expires, roles: ['reader'] }
  const server = createServer((request, response) => {
    const answer = request.url === '/keys' ? { keys } : active
    request.resume().once('end', () => {
      response.setHeader('content-type', 'application/json').end(JSON.stringify(answer))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { origin: `http://127.0.0.1:${port}`, close: () => server.close() }
}

async function writeFiles(): Promise<void> {
  await mkdir(join(folder, 'policies/bench'), { recursive: true })
  const files = { ...methods.files, 'policies/bench/policy.rego': POLICY, 'regate.yaml': configuration() }
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content)
}

function configuration(): string {
  return `listen: 127.0.0.1:${ports.regate}
admin: { listen: 127.0.0.1:${ports.admin} }
policies: policies
cache: ${cacheFolder}
authentication:
  jwt:
    - issuer: ${ISSUER}
      audiences: [bench]
      keys: { url: '${provider.origin}/keys' }
      algorithms: [RS256, ES256, EdDSA]
  introspection:
    - { url: '${provider.origin}/introspect', clientId: regate, clientSecretFile: secret, audiences: [bench] }
  tokens: { file: tokens.yaml }
  apiKeys: { file: api-keys.yaml }
  basic: { htpasswd: htpasswd, users: users.yaml }
  certificates: { proxyOverwrites: true, ca: ca.pem, users: users.yaml }
  dpop: {}
log: { level: warn, decisions: false }
`
}
