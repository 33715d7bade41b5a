import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort, startProcess } from '../test/e2e/start-process.ts'

/** Time from saving an edit of one shipped app to its enforcement, in milliseconds. `npm run bench:edit -- [edits]`. */
const edits = Number(process.argv[2] ?? 50)
const repository = new URL('..', import.meta.url).pathname
const folder = await mkdtemp(join(tmpdir(), 'regate-bench-'))
const ports = { data: await freePort(), admin: await freePort() }
await cp(join(repository, 'policies'), join(folder, 'policies'), { recursive: true })
await cp(join(repository, 'tokens.yaml'), join(folder, 'tokens.yaml'))
await writeFile(
  join(folder, 'regate.yaml'),
  `listen: 127.0.0.1:${ports.data}
admin: { listen: 127.0.0.1:${ports.admin} }
authentication: { tokens: { file: tokens.yaml } }
log: { level: warn, decisions: false }
`,
)
const regate = await startProcess(
  process.execPath,
  [join(repository, 'src/main.ts'), 'serve', '--config', join(folder, 'regate.yaml')],
  ports.data,
)
try {
  const file = join(folder, 'policies/myapp/policy.rego')
  const original = await readFile(file, 'utf8')
  const times: number[] = []
  for (let edit = 0; edit < edits; edit++) {
    times.push(await timeEdit(file, original, `${edit}-${process.pid}`))
    await delay(100 + ((edit * 37) % 150))
  }
  times.sort((left, right) => left - right)
  const at = (index: number): string => (times[index] ?? 0).toFixed(0)
  console.log(
    `${edits} edits, save to enforcement in ms: median ${at(Math.floor(edits / 2))}, best ${at(0)}, worst ${at(edits - 1)}`,
  )
} finally {
  await regate.stop()
  await rm(folder, { recursive: true })
}

async function timeEdit(file: string, original: string, version: string): Promise<number> {
  const saved = performance.now()
  // Where the app's request table does not say that there is no such header
  await writeFile(file, `${original}\nheaders["X-Edit"] := "${version}" if input.request.path == "/edited"\n`)
  while ((await seenVersion()) !== version) {
    if (performance.now() - saved > 10_000)
      throw new Error(`edit ${version} did not come into force:\n${regate.output()}`)
  }
  return performance.now() - saved
}

async function seenVersion(): Promise<string | null> {
  const headers = {
    authorization: 'Bearer valid-token-123',
    'x-forwarded-method': 'GET',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'myapp.example.com',
    'x-forwarded-uri': '/edited',
  }
  const reply = await fetch(`http://127.0.0.1:${ports.data}/auth`, { headers })
  if (reply.status !== 200) throw new Error(`decided ${reply.status} during an edit`)
  return reply.headers.get('x-edit')
}
