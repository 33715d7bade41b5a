import { randomInt } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, type RunningProcess, waitFor } from '../test/e2e/start-process.ts'
import { makeSigner } from '../test/auth/make-signer.ts'
import { countErrors, ensureWrk, measureLoad, type TimedRound } from './run-wrk.ts'
import { cacheFolder, startBareFastify, startRegate } from './start-server.ts'
import type { MemoryReport } from './watch-memory.ts'

/**
 * Many callers at once: memory, hits of the cache of verified tokens and processor time for 100,000 different EdDSA tokens, each
 * once, then drawn alike, then drawn by Zipf's law (the n-th as often as 1/n). `node bench/many-tokens.ts [tokens] [requests]`.
 */
const count = Number(process.argv[2] ?? 100_000)
const requests = Number(process.argv[3] ?? 100_000)
const MOST_SECONDS = 120
const ISSUER = 'https://id.bench.example'
const POLICY = `# METADATA
# custom:
#   hosts: [bench.example.com]
package bench

default allow := false

allow if "reader" in input.identity.roles
`

interface Pattern {
  readonly name: string
  /** Numbers of tokens, from 1. */
  readonly order: readonly number[]
}

ensureWrk()
const folder = await mkdtemp(join(tmpdir(), 'regate-bench-'))
const ports = { bare: await freePort(), regate: await freePort(), admin: await freePort() }
await writeFiles()
const bare = await startBareFastify(ports.bare)
const watch = ['--expose-gc', '--import', new URL('watch-memory.ts', import.meta.url).href]
const regate = await startRegate(join(folder, 'regate.yaml'), ports.regate, watch)
try {
  await measure()
} finally {
  await Promise.all([bare.stop(), regate.stop()])
  await rm(folder, { recursive: true })
}

async function measure(): Promise<void> {
  console.log(`${count} tokens, Node ${process.version}; memory after a collection of garbage`)
  console.log(
    '| | hits | µs of processor time | times bare | p50 ms | p99 ms | errors | heap MiB | resident MiB |',
  )
  console.log('| --- | --- | --- | --- | --- | --- | --- | --- | --- |')
  let memory = await readReport()
  printRow(['before', '', '', '', '', '', '', ...toMemoryCells(memory)])
  for (const pattern of [eachOnce(), drawnAlike(), drawnByZipf()]) {
    const reference = await load(bare, ports.bare, { name: '', order: pattern.order.slice(0, 20_000) })
    const round = await load(regate, ports.regate, pattern)
    const after = await readReport()
    const hits = 1 - (after.verified - memory.verified) / round.requests
    printRow([
      `${pattern.name}, ${round.requests} requests`,
      `${(hits * 100).toFixed(1)} %`,
      round.microseconds.toFixed(0),
      (round.microseconds / reference.microseconds).toFixed(1),
      (round.p50 / 1000).toFixed(1),
      (round.p99 / 1000).toFixed(1),
      String(countErrors(round)),
      ...toMemoryCells(after),
    ])
    memory = after
  }
}

async function load(server: RunningProcess, port: number, { order }: Pattern): Promise<TimedRound> {
  await writeFile(join(folder, 'order'), `${order.join('\n')}\n`)
  const files = { file: join(folder, 'requests'), order: join(folder, 'order') }
  return measureLoad(server, { port, ...files, seconds: MOST_SECONDS, once: true })
}

function eachOnce(): Pattern {
  const order = Array.from({ length: count }, (_, index) => index + 1)
  for (let index = order.length - 1; index > 0; index -= 1) {
    const other = randomInt(index + 1)
    ;[order[index], order[other]] = [order[other] ?? 1, order[index] ?? 1]
  }
  return { name: 'each once', order }
}

function drawnAlike(): Pattern {
  return { name: 'drawn alike', order: Array.from({ length: requests }, () => randomInt(count) + 1) }
}

function drawnByZipf(): Pattern {
  let sum = 0
  const sums = Array.from({ length: count }, (_, index) => (sum += 1 / (index + 1)))
  const draw = (): number => {
    const point = Math.random() * sum
    let [low, high] = [0, count - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((sums[middle] ?? 0) < point) low = middle + 1
      else high = middle
    }
    return low + 1
  }
  return { name: 'drawn by Zipf', order: Array.from({ length: requests }, draw) }
}

async function readReport(): Promise<MemoryReport> {
  const read = () => regate.output().match(/\{"verified".*\}/g) ?? []
  const known = read().length
  regate.signal('SIGUSR2')
  await waitFor('a report of the memory', () => read().length > known)
  return JSON.parse(read().at(-1) ?? '') as MemoryReport
}

function toMemoryCells({ heapBytes, residentBytes }: MemoryReport): string[] {
  return [heapBytes, residentBytes].map((bytes) => (bytes / 1024 ** 2).toFixed(0))
}

function printRow(cells: readonly string[]): void {
  console.log(`| ${cells.join(' | ')} |`)
}

async function writeFiles(): Promise<void> {
  const signer = makeSigner('EdDSA')
  const nowSeconds = Math.floor(Date.now() / 1000)
  const shared = { iss: ISSUER, aud: 'bench', iat: nowSeconds, exp: nowSeconds + 3600 }
  const profile = { name: 'B. Enchmark', roles: ['reader', 'user'], groups: ['platform', 'oncall'] }
  const toLine = (_: unknown, index: number): string => {
    const email = `user-${index}@bench.example`
    const claims = { ...shared, sub: `user-${index}`, ...profile, email, note: 'x'.repeat(150) }
    return `Authorization: Bearer ${signer.sign(claims)}`
  }
  await mkdir(join(folder, 'policies/bench'), { recursive: true })
  await writeFile(join(folder, 'requests'), `${Array.from({ length: count }, toLine).join('\n')}\n`)
  await writeFile(join(folder, 'jwks.json'), JSON.stringify({ keys: [signer.jwk] }))
  await writeFile(join(folder, 'policies/bench/policy.rego'), POLICY)
  await writeFile(
    join(folder, 'regate.yaml'),
    `listen: 127.0.0.1:${ports.regate}
admin: { listen: 127.0.0.1:${ports.admin} }
policies: policies
cache: ${cacheFolder}
authentication:
  jwt: [{ issuer: ${ISSUER}, audiences: [bench], keys: { file: jwks.json }, algorithms: [EdDSA] }]
log: { level: warn, decisions: false }
`,
  )
}
