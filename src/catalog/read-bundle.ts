import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { RegateError } from '../errors.ts'

/**
 * The module out of a bundle that the compiler wrote: the file `/policy.wasm` of a gzipped tar archive.
 * Source: POSIX.1-2017, pax (ustar interchange format); OPA documentation, Bundles.
 * @throws COMPILER_FAILED when the archive is not whole or holds no module.
 */
export async function readBundle(archive: Uint8Array): Promise<Uint8Array> {
  const tar = await unpack(archive)
  for (let offset = 0; offset + BLOCK <= tar.length; ) {
    const name = readField(tar, offset, 100)
    if (name === '') break
    const size = Number.parseInt(readField(tar, offset + 124, 12), 8)
    const start = offset + BLOCK
    if (!Number.isSafeInteger(size) || start + size > tar.length) throw damaged()
    if (name.replace(/^\//u, '') === 'policy.wasm') return Uint8Array.from(tar.subarray(start, start + size))
    offset = start + Math.ceil(size / BLOCK) * BLOCK
  }
  throw damaged()
}

const BLOCK = 512
const UNPACKED_BYTES = 512 * 1024 * 1024

async function unpack(archive: Uint8Array): Promise<Buffer> {
  try {
    return await promisify(gunzip)(archive, { maxOutputLength: UNPACKED_BYTES })
  } catch (cause) {
    throw damaged(cause)
  }
}

function readField(tar: Buffer, start: number, length: number): string {
  return (
    tar
      .toString('latin1', start, start + length)
      .split('\0', 1)[0]
      ?.trim() ?? ''
  )
}

function damaged(cause?: unknown): RegateError {
  return new RegateError('COMPILER_FAILED', 'The compiler wrote a bundle without a readable module.', {
    cause,
  })
}
