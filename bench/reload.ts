import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { createCatalog } from '../src/catalog/catalog.ts'
import { findCompiler } from '../src/catalog/find-compiler.ts'
import { prepareCompiler } from '../src/catalog/prepare-compiler.ts'

/**
 * How long traffic is held up while 200 apps are built again because the code that they share was edited: the longest and
 * the 99th percentile of the delays of the event loop, beside those of an idle process in the same run.
 * `npm run bench:reload -- [apps]`
 */
const apps = Number(process.argv[2] ?? 200)
const LIMIT_MS = 300_000

const POLICY = (name: string) => `# METADATA
# custom:
#   hosts: [${name}.example.com]
package ${name}

import data.lib.access

default allow := false

allow if access.is_reader(input.identity)

allow if {
	some network in data.${name}.networks
	net.cidr_contains(network, input.request.client_ip)
}

headers["X-App-Role"] := "reader"
`
const LIB = (role: string) => `package lib.access

is_reader(identity) if "${role}" in identity.roles
`
const DATA = JSON.stringify({
  networks: Array.from({ length: 50 }, (_, index) => `10.${index}.0.0/16`),
})

const root = await mkdtemp(join(tmpdir(), 'regate-reload-'))
try {
  await measure()
} finally {
  await rm(root, { recursive: true, force: true })
}

async function measure(): Promise<void> {
  const folder = join(root, 'policies')
  await writeApps(folder)
  let activated = 0
  const catalog = createCatalog(
    { folder, compiler: await openCompiler(), evaluationMs: 100 },
    {
      onEvent: ({ kind }) => {
        if (kind === 'activated') activated += 1
      },
      now: Date.now,
    },
  )
  report(`${apps} apps built for the first time`, await observe(catalog.start))
  report('nothing happens for 2 s', await observe(() => delay(2_000)))
  const edit = async (): Promise<void> => {
    activated = 0
    await writeFile(join(folder, 'lib/access.rego'), LIB('author'))
    await until(() => activated >= apps)
  }
  report(`${apps} apps built again after an edit of lib`, await observe(edit))
  await catalog.close()
}

async function writeApps(folder: string): Promise<void> {
  await mkdir(join(folder, 'lib'), { recursive: true })
  await writeFile(join(folder, 'lib/access.rego'), LIB('reader'))
  for (let index = 0; index < apps; index += 1) {
    const name = `app${index}`
    await mkdir(join(folder, name))
    await writeFile(join(folder, name, 'policy.rego'), POLICY(name))
    await writeFile(join(folder, name, 'data.json'), DATA)
  }
}

interface Observation {
  readonly tookMs: number
  readonly longestMs: number
  readonly percentileMs: number
}

async function observe(work: () => Promise<unknown>): Promise<Observation> {
  const histogram = monitorEventLoopDelay({ resolution: 1 })
  histogram.enable()
  const beganAtMs = performance.now()
  await work()
  const tookMs = performance.now() - beganAtMs
  histogram.disable()
  return { tookMs, longestMs: histogram.max / 1e6, percentileMs: histogram.percentile(99) / 1e6 }
}

function report(what: string, { tookMs, longestMs, percentileMs }: Observation): void {
  console.log(
    `${what.padEnd(46)} ${(tookMs / 1_000).toFixed(1).padStart(6)} s   event loop: longest ${longestMs.toFixed(1).padStart(6)} ms, p99 ${percentileMs.toFixed(1).padStart(6)} ms`,
  )
}

async function until(isReached: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + LIMIT_MS
  while (!isReached()) {
    if (performance.now() > deadlineMs) throw new Error('it did not come to pass')
    await delay(20)
  }
}

async function openCompiler() {
  const { PATH = '', REGATE_OPA } = process.env
  const compiler = await findCompiler({
    configuredPath: REGATE_OPA,
    environmentPath: PATH,
    cacheFolder: '.regate/cache',
  })
  const limits = { timeoutMs: 30_000, memoryBytes: 1024 ** 3 }
  return prepareCompiler({ compiler, cacheFolder: join(root, 'cache'), ...limits })
}
