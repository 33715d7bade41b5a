import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, utimes, writeFile, mkdir } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, expect, it } from 'vitest'
import { cachedCompilerPath, findCompiler, PINNED_VERSION } from '../../src/catalog/find-compiler.ts'
import { type InstallSettings, installCompiler } from '../../src/catalog/install-compiler.ts'
import { findTestCompiler } from '../engine/compiler-bed.ts'

const folder = await mkdtemp(join(tmpdir(), 'regate-install-'))
afterAll(() => rm(folder, { recursive: true, force: true }))
const compiler = await readFile((await findTestCompiler()).path)
const MISSING = expect.objectContaining({ code: 'COMPILER_MISSING' })

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

type Release = (path: string) => { status?: number; body?: string | Buffer; silent?: true }

/** A release server on this machine; counts what was asked. */
async function release(answer: Release) {
  const asked: string[] = []
  const server = createServer(({ url = '' }, response) => {
    asked.push(url)
    const { status = 200, body = '', silent } = answer(url)
    response.statusCode = status
    if (silent !== true) response.end(body)
  })
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return { url: `http://127.0.0.1:${address.port}`, asked }
}

function published(content: Buffer, digestOf: Buffer = content): Release {
  const digest = createHash('sha256').update(digestOf).digest('hex')
  return (path) =>
    path.endsWith('.sha256') ? { body: `${digest}  opa_linux_amd64_static\n` } : { body: content }
}

async function settings(releaseUrl: string): Promise<InstallSettings & { readonly said: string[] }> {
  const said: string[] = []
  const cacheFolder = await mkdtemp(join(folder, 'cache-'))
  // No Go in this PATH: what cannot be downloaded cannot be built either.
  const environment = { PATH: join(folder, 'none') }
  return {
    cacheFolder,
    environment,
    onProgress: (message) => said.push(message),
    releaseUrl,
    connectTimeoutMs: 300,
    said,
  }
}

it('installs the release whose digest is the published one, and says what it does', async () => {
  const { url, asked } = await release(published(compiler))
  const options = await settings(url)
  const path = cachedCompilerPath(options.cacheFolder)
  expect(await installCompiler(options)).toEqual({ path, version: PINNED_VERSION })
  expect(options.said).toEqual([expect.stringContaining('Downloading')])
  expect(asked.every((line) => line.startsWith(`/v${PINNED_VERSION}/opa_`))).toBe(true)
  expect(await findCompiler({ environmentPath: '', cacheFolder: options.cacheFolder })).toHaveProperty(
    'path',
    path,
  )
  expect(await readdir(dirname(path))).toEqual(['opa'])
  expect(await installCompiler(options)).toHaveProperty('path', path)
  expect(asked).toHaveLength(2)
})

it.each<[string, Release]>([
  ['has another digest', published(compiler, Buffer.from('other'))],
  ['is cut short', published(compiler.subarray(0, 100_000), compiler)],
  ['is no program', published(Buffer.from('<html>not found</html>'))],
  ['is half a program with the digest of that half', published(compiler.subarray(0, compiler.length / 2))],
  ['is another version', published(Buffer.from('#!/bin/sh\necho "Version: 1.0.0"\n'))],
  ['is not there', () => ({ status: 404 })],
  ['has no readable digest', (path) => ({ body: path.endsWith('.sha256') ? '<html>' : compiler })],
  ['does not come', () => ({ silent: true })],
])('installs nothing when the release %s, and says what to do', async (_, answer) => {
  const { url } = await release(answer)
  const options = await settings(url)
  const path = cachedCompilerPath(options.cacheFolder)
  const error = await installCompiler(options).catch((reason: unknown) => reason)
  expect(error).toEqual(MISSING)
  expect(String(error)).toMatch(/download: .*\n.*go install: Go is not installed\n.*Do one of these/s)
  expect(String(error)).toContain(path)
  expect(await readdir(dirname(path))).toEqual([])
})

it('gives up within its time when nobody answers at the address', async () => {
  const started = Date.now()
  await expect(installCompiler(await settings('http://127.0.0.1:1'))).rejects.toEqual(MISSING)
  expect(Date.now() - started).toBeLessThan(5_000)
})

it('works once when several set-ups start together', async () => {
  const { url, asked } = await release(published(compiler))
  const options = await settings(url)
  const found = await Promise.all([1, 2, 3].map(() => installCompiler(options)))
  expect(new Set(found.map(({ path }) => path)).size).toBe(1)
  expect(asked).toHaveLength(2)
})

it('is not held up by what an interrupted set-up left behind', async () => {
  const { url } = await release(published(compiler))
  const options = await settings(url)
  const path = cachedCompilerPath(options.cacheFolder)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, compiler.subarray(0, 1000), { mode: 0o755 })
  const lock = join(dirname(path), 'install.lock')
  await writeFile(lock, '')
  const before = new Date(Date.now() - 60_000)
  await utimes(lock, before, before)
  expect(await installCompiler(options)).toEqual({ path, version: PINNED_VERSION })
})
