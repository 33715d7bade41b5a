import { execFile } from 'node:child_process'
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, startProcess } from './start-process.ts'

const repository = new URL('../..', import.meta.url).pathname
const program = join(repository, 'src/main.ts')

export interface RegateBed {
  readonly address: string
  readonly admin: string
  readonly policies: string
  readonly configFile: string
  /** Runs a command with this configuration. */
  readonly run: (...words: readonly string[]) => Promise<CommandResult>
  readonly close: () => Promise<void>
}

export interface CommandResult {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** `regate serve` with a copy of the shipped policies and the demo token; `methods` is more YAML of the section `authentication`. */
export async function startRegate(methods = ''): Promise<RegateBed> {
  const folder = await mkdtemp(join(tmpdir(), 'regate-serve-'))
  const [port, adminPort] = [await freePort(), await freePort()]
  const configFile = join(folder, 'regate.yaml')
  await cp(join(repository, 'policies'), join(folder, 'policies'), { recursive: true })
  await cp(join(repository, 'tokens.yaml'), join(folder, 'tokens.yaml'))
  await writeFile(
    configFile,
    `listen: 127.0.0.1:${port}
admin: { listen: 127.0.0.1:${adminPort} }
cache: ${join(repository, '.regate/cache')}
authentication: { tokens: { file: tokens.yaml }${methods} }
`,
  )
  const regate = await startProcess(process.execPath, [program, 'serve', '--config', configFile], port)
  return {
    address: `http://127.0.0.1:${port}`,
    admin: `http://127.0.0.1:${adminPort}`,
    policies: join(folder, 'policies'),
    configFile,
    run: (...words) =>
      new Promise((resolve) => {
        const parameters = [program, ...words, '--config', configFile]
        execFile(process.execPath, parameters, (error, stdout, stderr) =>
          resolve({ exitCode: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
        )
      }),
    close: async () => {
      await regate.stop()
      await rm(folder, { recursive: true })
    },
  }
}
