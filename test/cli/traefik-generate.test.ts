import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { parse } from 'yaml'
import { createTraefikCommand } from '../../src/cli/traefik.ts'
import { runCommand } from './run-command.ts'

const repository = new URL('../..', import.meta.url).pathname
let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'regate-generate-'))
  await mkdir(join(folder, 'policies/wiki'), { recursive: true })
  await writeFile(
    join(folder, 'policies/wiki/policy.rego'),
    '# METADATA\n# custom:\n#   hosts: [wiki.example.com]\npackage wiki\n\nallow if input.identity\n\nheaders["X-Wiki-User"] := input.identity.subject\n',
  )
  await writeFile(join(folder, 'regate.yaml'), `cache: ${repository}.regate/cache\nlisten: 0.0.0.0:4200\n`)
})
afterAll(() => rm(folder, { recursive: true }))

async function generate(...words: readonly string[]) {
  const environment = { PATH: process.env['PATH'] }
  const { code: exitCode, ...said } = await runCommand(createTraefikCommand, ['generate', ...words], {
    environment,
    folder,
  })
  return { ...said, exitCode }
}

it('writes the middleware of each app of the folder', async () => {
  const { stdout, stderr, exitCode } = await generate('--address', 'http://regate:4182/')
  expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 })
  expect(parse(stdout).http.middlewares['regate-wiki'].forwardAuth).toMatchObject({
    address: 'http://regate:4182/auth',
    authResponseHeaders: ['X-User-Id', 'X-User-Roles', 'X-Wiki-User'],
  })
})

it('takes the address where Regate listens, and this machine where that is everywhere', async () => {
  expect((await generate('--format', 'http')).stdout).toContain('"http://127.0.0.1:4200/auth"')
})

it.each([
  [['--app', 'nobody'], 'There is no app named nobody; there are: wiki.'],
  [['--address', 'http://regate:4182/auth'], 'is not an address without a path'],
  [['--address', 'regate:4182'], 'is not an address without a path'],
  [['--format', 'xml'], 'Allowed choices are file, docker, kubernetes, http'],
])('is used wrongly with %j', async (words, message) => {
  const { stdout, stderr, exitCode } = await generate(...words)
  expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 2 })
  expect(stderr).toContain(message)
})

it.each([
  ['X-Forwarded-Tls-Client-Cert', 'chain', ''],
  ['Client-Cert', 'forwardAuth', 'header is Client-Cert, which Traefik does not take from clients'],
])('with certificates in %s writes what its routers need: a %s', async (header, kind, warning) => {
  const file = join(folder, 'certificates.yaml')
  const certificates = `authentication: { certificates: { header: ${header}, proxyOverwrites: true } }\n`
  await writeFile(file, `cache: ${repository}.regate/cache\n${certificates}`)
  const { stdout, stderr, exitCode } = await generate('--config', file)
  expect(Object.keys(parse(stdout).http.middlewares['regate-wiki'])).toEqual([kind])
  expect(stderr).toContain(warning)
  expect({ exitCode, isQuiet: stderr === '' }).toEqual({ exitCode: 0, isQuiet: warning === '' })
})

it('leaves out an app that does not compile, and says so with exit code 1', async () => {
  await writeFile(join(folder, 'policies/broken.rego'), 'package broken\n\nallow if {\n')
  const { stdout, stderr, exitCode } = await generate()
  expect(Object.keys(parse(stdout).http.middlewares)).toEqual(['regate-wiki'])
  expect({ stderr, exitCode }).toEqual({
    stderr: 'Left out, because they do not compile: broken.\n',
    exitCode: 1,
  })
})
