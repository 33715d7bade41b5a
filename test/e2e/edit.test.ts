import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sendRequest, toReceived } from './send-request.ts'
import { startBed } from './start-bed.ts'
import type { Bed } from './start-bed.ts'
import { waitFor } from './start-process.ts'

const demo = { authorization: 'Bearer valid-token-123' }
let bed: Bed
let file: string
let original: string

beforeAll(async () => {
  bed = await startBed()
  file = join(bed.policies, 'myapp/policy.rego')
  original = await readFile(file, 'utf8')
})
afterAll(() => bed.close())

const statusOf = async (host: string, headers = demo): Promise<number> =>
  (await sendRequest(bed.ports.recommended, { host, headers })).status
/** What the tests of the app say nothing of. */
const edited = { host: 'myapp.example.com', path: '/edited' }
const appStatus = async (name: string) => (await bed.status()).apps.find((app) => app.name === name)

describe('an edit of a policy', () => {
  it('takes effect without a restart', async () => {
    const isDenied = async () =>
      (await sendRequest(bed.ports.recommended, { ...edited, headers: demo })).status === 403
    await writeFile(file, `${original}\ndeny contains "edited" if input.request.path == "/edited"\n`)
    await waitFor('the edit', isDenied)
    await writeFile(file, original)
    await waitFor('the edit back', async () => !(await isDenied()))
  })

  it('that fails a test of the app does not take effect', async () => {
    await writeFile(
      file,
      original.replace('allow if caller.identified', 'allow if caller.has_role("nobody")'),
    )
    const code = async () => (await appStatus('myapp'))?.lastError?.['code']
    await waitFor('the error in /status', async () => (await code()) !== undefined)
    expect(await code()).toBe('TESTS_FAILED')
    expect(await statusOf('myapp.example.com')).toBe(200)
    await writeFile(file, original)
    await waitFor('the mend', async () => (await appStatus('myapp'))?.state === 'serving')
  })

  it('that is broken keeps the last good version, says where, and disturbs no other app', async () => {
    await writeFile(
      file,
      original.replace('allow if caller.identified', 'allow if input.identity.role == "x"'),
    )
    await waitFor('the error in /status', async () => (await appStatus('myapp'))?.lastError !== undefined)
    expect(await appStatus('myapp')).toMatchObject({
      state: 'serving-last-good',
      lastError: {
        file: expect.stringContaining('policy.rego'),
        row: expect.any(Number),
        column: expect.any(Number),
      },
    })
    expect(await statusOf('myapp.example.com')).toBe(200)
    expect(await appStatus('site')).toMatchObject({ state: 'serving' })
    await writeFile(file, original)
    await waitFor('the mend', async () => (await appStatus('myapp'))?.state === 'serving')
  })

  it('that adds a folder opens a new app, and its removal closes it', async () => {
    const folder = join(bed.policies, 'extra')
    expect(await statusOf('extra.example.com')).toBe(403)
    await mkdir(folder)
    await writeFile(
      join(folder, 'policy.rego'),
      '# METADATA\n# custom:\n#   hosts: [extra.example.com]\npackage extra\n\nallow if input.identity\n',
    )
    await waitFor('the new app', async () => (await statusOf('extra.example.com')) === 200)
    await rm(folder, { recursive: true })
    await waitFor('its end', async () => (await statusOf('extra.example.com')) === 403)
  })

  it('is looked for at once on SIGHUP', async () => {
    bed.regate.signal('SIGHUP')
    expect(await statusOf('myapp.example.com')).toBe(200)
  })
})

describe('twenty edits under two hundred requests a second', () => {
  it('fail or wrongly decide not one request', async () => {
    const answers = new Map<string, number>()
    let stop = false
    let sent = 0
    const pending = new Set<Promise<void>>()
    const load = (async () => {
      while (!stop) {
        for (const [host, headers] of [
          ['myapp.example.com', demo],
          ['grafana.example.com', {}],
        ] as const) {
          const request = sendRequest(bed.ports.recommended, { host, headers }).then((reply) =>
            record(answers, host, reply.status, reply.body),
          )
          pending.add(request)
          void request.finally(() => pending.delete(request))
          sent += 1
        }
        await delay(8)
      }
    })()
    const started = Date.now()
    for (let edit = 1; edit <= 20; edit++) await saveAndWait(edit)
    await waitFor('ten seconds of load', () => Date.now() - started > 10_000, 20_000)
    stop = true
    await load
    await Promise.all(pending)
    const seconds = (Date.now() - started) / 1000
    console.log(
      `${sent} requests in ${seconds.toFixed(1)} s (${(sent / seconds).toFixed(0)} a second), 20 edits: ${JSON.stringify(Object.fromEntries(answers))}`,
    )
    expect([...answers.keys()].toSorted()).toEqual(['grafana.example.com 401', 'myapp.example.com 200'])
    expect(sent / seconds).toBeGreaterThan(200)
  })

  function record(answers: Map<string, number>, host: string, status: number, body: string): void {
    const identity =
      status === 200
        ? (JSON.parse(body) as { headers: Record<string, string> }).headers['x-user-id']
        : undefined
    const key = status === 200 && identity !== 'user-abc' ? `${host} wrong identity` : `${host} ${status}`
    answers.set(key, (answers.get(key) ?? 0) + 1)
  }

  /** Alternates an edit in place, an atomic save and a broken edit that is mended; a header tells which version decided. */
  async function saveAndWait(edit: number): Promise<void> {
    const text = `${original}\nheaders["X-Edit"] := "${edit}" if input.request.path == "/edited"\n`
    if (edit % 3 === 0) await writeFile(file, `${text}\nallow if {`)
    if (edit % 3 === 1) {
      await writeFile(`${file}.tmp`, text)
      await rename(`${file}.tmp`, file)
    } else {
      await writeFile(file, text)
    }
    await waitFor(`edit ${edit}`, async () => {
      const reply = await sendRequest(bed.ports.recommended, { ...edited, headers: demo })
      return toReceived(reply).headers['x-edit'] === String(edit)
    })
  }
})
