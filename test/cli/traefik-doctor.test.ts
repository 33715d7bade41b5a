import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTraefikCommand } from '../../src/cli/traefik.ts'
import { runCommand } from './run-command.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'regate-doctor-'))
  await mkdir(join(folder, 'policies'))
})
afterAll(() => rm(folder, { recursive: true }))

async function examine(...words: readonly string[]) {
  const environment = { PATH: process.env['PATH'] }
  const { code: exitCode, ...said } = await runCommand(createTraefikCommand, ['doctor', ...words], {
    environment,
    folder,
  })
  return { ...said, exitCode }
}

it.each([
  [[], "required option '--api <url>' not specified"],
  [['--api', '127.0.0.1:8080'], 'Expected a URL such as'],
  [['--api', 'http://user:pass@127.0.0.1:8080'], 'without a user name'],
  [['--api', 'http://127.0.0.1:8080', '--canary', 'http://127.0.0.1/x'], 'is not an address without a path'],
  [['--api', 'http://127.0.0.1:8080', '--traefik-config', 'none.yaml'], 'none.yaml: cannot be read'],
])('is used wrongly with %j', async (words, message) => {
  const { stdout, stderr, exitCode } = await examine(...words)
  expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 2 })
  expect(stderr).toContain(message)
  expect(stderr).not.toContain('    at ')
})

it('refuses a static file that is none', async () => {
  await writeFile(join(folder, 'traefik.yaml'), 'http: {}\n')
  expect(await examine('--api', 'http://127.0.0.1:8080', '--traefik-config', 'traefik.yaml')).toEqual({
    stdout: '',
    stderr: "traefik.yaml: has no entryPoints; name Traefik's static file, as YAML\n",
    exitCode: 2,
  })
})

it('says in one line that Traefik cannot be reached', async () => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  const { stdout, stderr, exitCode } = await examine('--api', `http://127.0.0.1:${port}`)
  expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 1 })
  expect(stderr).toMatch(/^http:\S+: ECONNREFUSED; --api wants the address of Traefik's API[^\n]*\n$/)
})
