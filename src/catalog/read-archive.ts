import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'

/**
 * The files of a gzipped tar archive such as the compiler writes, by path without a leading slash. undefined where the
 * archive is not whole or unpacks to more than `maximumBytes`.
 * Source: POSIX.1-2017, pax (ustar interchange format).
 */
export async function readArchive(
  archive: Uint8Array,
  maximumBytes: number,
): Promise<ReadonlyMap<string, Uint8Array> | undefined> {
  const tar = await unpack(archive, maximumBytes)
  if (tar === undefined) return undefined
  const files = new Map<string, Uint8Array>()
  for (let offset = 0; offset + BLOCK <= tar.length; ) {
    const name = readField(tar, offset, 100)
    if (name === '') return files
    const size = Number.parseInt(readField(tar, offset + 124, 12), 8)
    const start = offset + BLOCK
    if (!Number.isSafeInteger(size) || size < 0 || start + size > tar.length) return undefined
    if (isRegular(tar, offset)) {
      const path = [readField(tar, offset + 345, 155), name].filter(Boolean).join('/')
      files.set(path.replace(/^(?:\.?\/)+/u, ''), Uint8Array.from(tar.subarray(start, start + size)))
    }
    offset = start + Math.ceil(size / BLOCK) * BLOCK
  }
  return undefined
}

const BLOCK = 512

async function unpack(archive: Uint8Array, maxOutputLength: number): Promise<Buffer | undefined> {
  try {
    return await promisify(gunzip)(archive, { maxOutputLength })
  } catch {
    return undefined
  }
}

function isRegular(tar: Buffer, offset: number): boolean {
  return ['', '0'].includes(readField(tar, offset + 156, 1))
}

function readField(tar: Buffer, start: number, length: number): string {
  return (
    tar
      .toString('latin1', start, start + length)
      .split('\0', 1)[0]
      ?.trim() ?? ''
  )
}
