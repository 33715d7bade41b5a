import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { CommandIo } from '../../src/cli/command-io.ts'
import { runProgram } from '../../src/cli/run-program.ts'
import { createServeCommand } from '../../src/cli/serve.ts'
import type { RunningApp, StartApp } from '../../src/app.ts'
import type { AccessRequest } from '../../src/decision/access-request.ts'
import type { Decision } from '../../src/decision/decision.ts'
import { RegateError } from '../../src/errors.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'regate-serve-'))
})
afterEach(() => rm(folder, { recursive: true }))

function decide({ host, credentials }: AccessRequest): Promise<Decision> {
  const known =
    credentials.authorization === 'Bearer demo-1' || credentials.cookies['session']?.[0] === 'demo-1'
  if (known && host === 'open.example.com')
    return Promise.resolve({ kind: 'allowed', app: 'open', headers: [['X-User-ID', 'user-abc']] })
  const status = known ? 403 : 401
  const code = known ? 'POLICY_DENIED' : 'CREDENTIALS_MISSING'
  return Promise.resolve({ kind: 'denied', code, status, reasons: [], detail: '', challenges: [] })
}

function createRunningApp(overrides: Partial<RunningApp> = {}): RunningApp {
  return {
    dataAddress: 'http://127.0.0.1:4182',
    adminAddress: 'http://127.0.0.1:4183',
    apps: () => [
      { name: 'closed', hosts: ['*.closed.example.com'], paths: ['/a'], state: 'ready' },
      {
        name: 'open',
        hosts: ['open.example.com'],
        paths: ['/'],
        state: 'failed',
        error: 'policy.rego:3:1: no',
      },
      { name: 'unhosted', hosts: [], paths: ['/'], state: 'ready' },
    ],
    decide,
    lookAgain: () => undefined,
    close: () => Promise.resolve(),
    ...overrides,
  }
}

function run(
  commandArguments: readonly string[],
  startApp: StartApp,
  environment: CommandIo['environment'] = {},
) {
  const printed = { stdout: '', stderr: '' }
  const handlers = new Map<string, () => void>()
  const crash: ((error: unknown) => void)[] = []
  const exits: number[] = []
  const logFile = join(folder, 'log')
  const io: CommandIo = {
    stdout: (text) => void (printed.stdout += text),
    stderr: (text) => void (printed.stderr += text),
    logTarget: logFile,
    environment,
    folder,
    onSignal: (name, handler) => void handlers.set(name, handler),
    onCrash: (handler) => void crash.push(handler),
    exit: (code) => void exits.push(code),
  }
  const code = runProgram(commandArguments, io, [createServeCommand(io, startApp)])
  const signal = (name: string) => handlers.get(name)?.()
  const readLog = async () =>
    (await readFile(logFile, 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
  return { printed, code, signal, readLog, exits, crash }
}

async function runUntilWelcome(config: string, app = createRunningApp()) {
  await writeFile(join(folder, 'regate.yaml'), config)
  await writeFile(
    join(folder, 'tokens.yaml'),
    'robot: { sha256: 00, subject: r }\ndemo: { plain: demo-1, subject: user-abc }\n',
  )
  const process = run(['serve'], () => Promise.resolve(app))
  await vi.waitFor(() => expect(process.printed.stderr).toContain('Regate decides'), 5000)
  return process
}

describe('regate serve', () => {
  it('greets on stderr with addresses, apps and their states, the demo token and curl lines that the policies bear out', async () => {
    const process = await runUntilWelcome('authentication: { tokens: { file: tokens.yaml } }')
    process.signal('SIGTERM')
    expect(await process.code).toBe(0)
    expect(process.printed.stdout).toBe('')
    expect(process.printed.stderr).toBe(`
Regate decides at http://127.0.0.1:4182/auth and tells its state at http://127.0.0.1:4183/status

Apps in ${folder}/policies, followed while you edit them:
  closed    ready   *.closed.example.com    /a
  open      failed  open.example.com        /
    policy.rego:3:1: no
  unhosted  ready   only as /auth/unhosted  /

Demo token: demo-1 (it is user-abc)

# allowed: 200, with the headers that the app receives
curl -i -H 'X-Forwarded-Method: GET' -H 'X-Forwarded-Proto: https' -H 'X-Forwarded-Host: open.example.com' -H 'X-Forwarded-Uri: /' -H 'Authorization: Bearer demo-1' http://127.0.0.1:4182/auth

# denied: 403, the caller is known and may not
curl -i -H 'X-Forwarded-Method: GET' -H 'X-Forwarded-Proto: https' -H 'X-Forwarded-Host: www.closed.example.com' -H 'X-Forwarded-Uri: /a' -H 'Authorization: Bearer demo-1' http://127.0.0.1:4182/auth

# anonymous: 401
curl -i -H 'X-Forwarded-Method: GET' -H 'X-Forwarded-Proto: https' -H 'X-Forwarded-Host: open.example.com' -H 'X-Forwarded-Uri: /' http://127.0.0.1:4182/auth

`)
  })

  it('shows the token in the place that the configuration names first', async () => {
    const process = await runUntilWelcome(
      'authentication: { tokens: { file: tokens.yaml }, from: ["cookie:session"] }',
    )
    process.signal('SIGTERM')
    await process.code
    expect(process.printed.stderr).toContain(`-H 'Cookie: session=demo-1'`)
    expect(process.printed.stderr).not.toContain('Authorization')
  })

  it('shows no token where other machines could use it', async () => {
    const process = await runUntilWelcome(
      'listen: 0.0.0.0:4182\nauthentication: { tokens: { file: tokens.yaml } }',
    )
    process.signal('SIGTERM')
    await process.code
    expect(process.printed.stderr).not.toContain('demo-1')
    expect(process.printed.stderr).toContain('# anonymous: 401')
  })

  it('prints nothing for people when asked to be quiet, and still logs', async () => {
    const process = run(['serve', '--quiet'], () => Promise.resolve(createRunningApp()))
    process.signal('SIGTERM')
    await process.code
    expect(process.printed.stderr).toBe('')
  })

  it('runs on defaults and environment alone where there is no file', async () => {
    const startApp = vi.fn<StartApp>(() => Promise.resolve(createRunningApp()))
    const process = run(['serve'], startApp, { REGATE_LISTEN: '127.0.0.1:9', PATH: '/bin' })
    await vi.waitFor(() => expect(process.printed.stderr).toContain('Regate decides'), 5000)
    process.signal('SIGINT')
    expect(await process.code).toBe(0)
    const [config, tools] = startApp.mock.calls[0] ?? []
    expect(config).toMatchObject({
      listen: { host: '127.0.0.1', port: 9 },
      policies: join(folder, 'policies'),
    })
    expect(tools?.environmentPath).toBe('/bin')
  })

  it.each([
    ['--config', ['serve', '--config', 'absent.yaml'], {}],
    ['REGATE_CONFIG', ['serve'], { REGATE_CONFIG: 'absent.yaml' }],
  ])('refuses a file that %s names and that is not there', async (_, commandArguments, environment) => {
    const process = run(commandArguments, () => Promise.reject(new Error('never started')), environment)
    expect(await process.code).toBe(2)
    expect(process.printed.stderr).toBe(
      'absent.yaml: cannot be read (ENOENT); name a readable YAML file with --config or REGATE_CONFIG\n',
    )
  })

  it('prints every problem of the configuration, without a stack trace, and ends with 2', async () => {
    await writeFile(join(folder, 'regate.yaml'), 'listen: here\npolices: x\n')
    const process = run(['serve'], () => Promise.reject(new Error('never started')))
    expect(await process.code).toBe(2)
    expect(process.printed.stderr.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^regate\.yaml:1:9: listen: "here" is not an address/),
      expect.stringMatching(/^regate\.yaml:2:1: polices: .*write policies/),
    ])
  })

  it('prints one message when the start fails, and ends with 1', async () => {
    const error = new RegateError('LISTEN_FAILED', '127.0.0.1:4182 is taken', {
      cause: new Error('EADDRINUSE'),
    })
    const process = run(['serve'], () => Promise.reject(error))
    expect(await process.code).toBe(1)
    expect(process.printed.stderr).toBe('127.0.0.1:4182 is taken\n')
  })

  it('waits for what is in flight before it ends, and loses no log line', async () => {
    const closed = Promise.withResolvers<void>()
    const process = await runUntilWelcome('{}', createRunningApp({ close: () => closed.promise }))
    let ended = false
    void process.code.then(() => {
      ended = true
    })
    process.signal('SIGTERM')
    await vi.waitFor(async () => expect((await process.readLog()).at(-1).msg).toBe('stopping'), 5000)
    expect(ended).toBe(false)
    closed.resolve()
    expect(await process.code).toBe(0)
    expect(await process.readLog()).toMatchObject([
      { msg: 'started', data: 'http://127.0.0.1:4182', config: 'regate.yaml' },
      { msg: 'stopping', signal: 'SIGTERM' },
      { msg: 'stopped', drained: true },
    ])
  })

  it('waits no longer than the deadline', async () => {
    const never = new Promise<void>(() => undefined)
    const process = await runUntilWelcome('shutdown: 20ms', createRunningApp({ close: () => never }))
    process.signal('SIGTERM')
    expect(await process.code).toBe(0)
    expect((await process.readLog()).at(-1)).toMatchObject({ msg: 'stopped', drained: false })
  })

  it('obeys a second signal at once', async () => {
    const process = await runUntilWelcome('shutdown: 20ms')
    process.signal('SIGINT')
    process.signal('SIGTERM')
    expect(process.exits).toEqual([1])
    await process.code
  })

  it('stops when it is told to before it has started', async () => {
    const process = run(['serve'], () => new Promise(() => undefined))
    process.signal('SIGTERM')
    expect(await process.code).toBe(0)
  })

  it('looks at the policies on SIGHUP, and is not ended by one that comes early', async () => {
    const lookAgain = vi.fn<() => void>()
    const started = Promise.withResolvers<RunningApp>()
    const process = run(['serve'], () => started.promise)
    process.signal('SIGHUP')
    started.resolve(createRunningApp({ lookAgain }))
    await vi.waitFor(() => expect(process.printed.stderr).toContain('Regate decides'), 5000)
    process.signal('SIGHUP')
    expect(lookAgain).toHaveBeenCalledOnce()
    process.signal('SIGTERM')
    expect(await process.code).toBe(0)
  })

  it('writes the last words of a crash before the process ends', async () => {
    const process = await runUntilWelcome('{}')
    process.crash[0]?.(new TypeError('boom'))
    expect((await process.readLog()).at(-1)).toMatchObject({ level: 'fatal', error: { message: 'boom' } })
    process.signal('SIGTERM')
    await process.code
  })
})
