import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { arch, platform } from 'node:os'
import type { InstallOptions } from './install-compiler.ts'

/**
 * Downloads the official release of the pinned version to a new file and checks it against the SHA-256 that is published
 * beside it. A redirect is followed only to https or within the same origin. Throws plain errors that say what went wrong.
 * Source: OPA documentation, Running OPA (release binaries).
 */
export async function downloadCompiler(target: string, options: InstallOptions): Promise<void> {
  const url = `${options.releaseUrl ?? RELEASE_URL}/v${options.version}/${assetName()}`
  options.onProgress(`Downloading ${url}`)
  const expected = await fetchDigest(`${url}.sha256`, options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS)
  const actual = await fetchFile(url, target)
  if (actual !== expected) throw new Error(`${url} has the SHA-256 ${actual}, published is ${expected}`)
}

const RELEASE_URL = 'https://github.com/open-policy-agent/opa/releases/download'
const CONNECT_TIMEOUT_MS = 5_000
const DOWNLOAD_TIMEOUT_MS = 300_000
const MAXIMUM_BYTES = 256 * 1024 * 1024

const ASSETS: ReadonlyMap<string, string> = new Map([
  ['linux-x64', 'opa_linux_amd64_static'],
  ['linux-arm64', 'opa_linux_arm64_static'],
  ['darwin-x64', 'opa_darwin_amd64'],
  ['darwin-arm64', 'opa_darwin_arm64_static'],
  ['win32-x64', 'opa_windows_amd64.exe'],
])

function assetName(): string {
  const name = ASSETS.get(`${platform()}-${arch()}`)
  if (name === undefined) throw new Error(`there is no release for ${platform()} on ${arch()}`)
  return name
}

/** The file is small: when it is not here in time, the place is out of reach. */
async function fetchDigest(url: string, timeoutMs: number): Promise<string> {
  const response = await request(url, timeoutMs)
  const digest = /^[0-9a-f]{64}(?=\s|$)/u.exec((await response.text()).slice(0, 1000))?.[0]
  if (digest === undefined) throw new Error(`${url} holds no SHA-256`)
  return digest
}

async function fetchFile(url: string, target: string): Promise<string> {
  const response = await request(url, DOWNLOAD_TIMEOUT_MS)
  const hash = createHash('sha256')
  const file = await open(target, 'wx', 0o755)
  try {
    let size = 0
    const chunks: AsyncIterable<Uint8Array> | readonly Uint8Array[] = response.body ?? []
    for await (const chunk of chunks) {
      size += chunk.length
      if (size > MAXIMUM_BYTES) throw new Error(`${url} is larger than ${MAXIMUM_BYTES} bytes`)
      hash.update(chunk)
      await file.writeFile(chunk)
    }
    await file.sync()
  } finally {
    await file.close()
  }
  return hash.digest('hex')
}

async function request(url: string, timeoutMs: number): Promise<Response> {
  const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) })
  if (!response.ok) throw new Error(`${url} answered ${response.status}`)
  return response
}
