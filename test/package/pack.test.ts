import { execFile, execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { tmpdir } from 'node:os'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort, startProcess } from '../e2e/start-process.ts'

const run = promisify(execFile)
const repository = new URL('../..', import.meta.url).pathname
let folder: string
let regate: string

/** Installs the packed package into an empty folder; its dependencies are those of this clone, so that no network is needed. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'regate-pack-'))
  execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], {
    cwd: repository,
    // For the TypeScript compiler, a Go program: one thread takes a third less work
    env: { ...process.env, GOMAXPROCS: '1', GOGC: '400' },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const archive = (await readdir(folder)).find((name) => name.endsWith('.tgz'))
  const modules = join(folder, 'node_modules')
  await mkdir(join(modules, 'regate'), { recursive: true })
  execFileSync('tar', [
    '-xzf',
    join(folder, archive ?? ''),
    '-C',
    join(modules, 'regate'),
    '--strip-components=1',
  ])
  const { dependencies, bin } = JSON.parse(await readFile(join(modules, 'regate/package.json'), 'utf8'))
  for (const name of Object.keys(dependencies)) {
    await mkdir(dirname(join(modules, name)), { recursive: true })
    await symlink(join(repository, 'node_modules', name), join(modules, name))
  }
  regate = join(modules, 'regate', bin.regate)
}, 120_000)

afterAll(() => rm(folder, { recursive: true }))

describe('the packed package', () => {
  it('holds JavaScript, and neither tests nor sources that would have to be stripped', async () => {
    const names = await readdir(join(folder, 'node_modules/regate'), { recursive: true })
    expect(names).toContain('dist/main.js')
    expect(names.filter((name) => name.endsWith('.ts') || name.startsWith('test'))).toEqual([])
  })

  it('says its version, which is that of the package', async () => {
    const { version } = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8'))
    const { stdout } = await run(process.execPath, [regate, '--version'], { cwd: folder })
    expect(stdout.trim()).toBe(version)
  })

  it('begins an app from a template that it brings along, and finds nothing wrong with it', async () => {
    const cwd = await mkdtemp(join(folder, 'init-'))
    await run(process.execPath, [regate, 'init', 'wiki'], { cwd })
    const { stdout } = await run(process.execPath, [regate, 'check', '--strict'], { cwd })
    expect(stdout).toBe('')
  })

  it('decides by a policy in a folder of its own', async () => {
    const empty = await mkdtemp(join(folder, 'empty-'))
    await mkdir(join(empty, 'policies'))
    await writeFile(
      join(empty, 'policies/open.rego'),
      '# METADATA\n# custom:\n#   hosts: [open.example.com]\npackage open\n\nallow := true\n',
    )
    const ports = { data: await freePort(), admin: await freePort() }
    await writeFile(
      join(empty, 'regate.yaml'),
      `listen: 127.0.0.1:${ports.data}\nadmin: { listen: 127.0.0.1:${ports.admin} }\n`,
    )
    const service = await startProcess(
      process.execPath,
      [regate, 'serve', '--config', join(empty, 'regate.yaml')],
      ports.data,
    )
    try {
      const ask = (host: string) =>
        fetch(`http://127.0.0.1:${ports.data}/auth`, {
          headers: {
            'x-forwarded-method': 'GET',
            'x-forwarded-proto': 'https',
            'x-forwarded-host': host,
            'x-forwarded-uri': '/',
          },
        })
      expect((await ask('open.example.com')).status).toBe(200)
      expect((await ask('other.example.com')).status).toBe(403)
    } finally {
      expect(await service.stop()).toBe(0)
    }
  })
})
