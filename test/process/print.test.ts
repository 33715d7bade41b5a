import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createApp } from '../../src/app.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { createDecisionLog } from '../../src/observe/decision-log.ts'
import { createLogger } from '../../src/observe/create-logger.ts'

type Line = Readonly<Record<string, unknown>>

const POLICY = `# METADATA
# custom:
#   hosts: [wiki.example.com]
package wiki

allow if {
	print("asked for", input.request.path, "by", input.identity.subject)
	input.request.path_segments[0] == "open"
}

message := "a" if input.request.path_segments[1] == "broken"

message := "b" if input.request.path_segments[1] == "broken"
`

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'regate-prints-'))
  await mkdir(join(folder, 'policies'))
  await writeFile(join(folder, 'policies/wiki.rego'), POLICY)
})
afterAll(() => rm(folder, { recursive: true }))

/** What the log says of one request, and the status that is answered. */
async function ask(path: string, settings: Readonly<Record<string, string>>) {
  const lines: Line[] = []
  const output = { write: (line: string) => void lines.push(JSON.parse(line)) }
  const { PATH = '' } = process.env
  const ports = { REGATE_LISTEN: '127.0.0.1:0', REGATE_ADMIN_LISTEN: '127.0.0.1:0' }
  const config = loadConfig({ environment: { ...ports, ...settings }, folder })
  const app = await createApp(config, {
    logger: createLogger({ level: config.log.level, output }),
    logDecision: createDecisionLog({ enabled: config.log.decisions, output }),
    environmentPath: PATH,
  })
  const headers = {
    'x-forwarded-method': 'GET',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'wiki.example.com',
    'x-forwarded-uri': path,
  }
  const { status } = await fetch(`${app.dataAddress}/auth`, { headers })
  await app.close()
  const decision = lines.find(({ msg }) => msg === 'decision')
  return { status, decision, printed: lines.filter(({ msg }) => msg === 'printed by the policy'), lines }
}

it.each([
  ['/open', 200],
  ['/closed', 401],
  ['/open/broken', 500],
])('tells at debug level what was printed on the way to a decision: %s', async (path, status) => {
  const answer = await ask(path, { REGATE_LOG_LEVEL: 'debug' })
  expect(answer.status).toBe(status)
  expect(answer.printed).toMatchObject([
    { level: 'debug', app: 'wiki', text: `asked for ${path} by <undefined>`, id: answer.decision?.['id'] },
  ])
  expect(answer.lines.indexOf(answer.printed[0] ?? {})).toBe(answer.lines.indexOf(answer.decision ?? {}) - 1)
})

it('says nothing of it at the ordinary level', async () => {
  const { status, printed, lines } = await ask('/open', {})
  expect(status).toBe(200)
  expect(printed).toEqual([])
  expect(JSON.stringify(lines)).not.toContain('asked for')
})

it('tells it too where decisions are not logged', async () => {
  const { decision, printed } = await ask('/open', {
    REGATE_LOG_LEVEL: 'trace',
    REGATE_LOG_DECISIONS: 'false',
  })
  expect(decision).toBeUndefined()
  expect(printed).toHaveLength(1)
})
