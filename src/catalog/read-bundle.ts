import { RegateError } from '../errors.ts'
import { readArchive } from './read-archive.ts'

const UNPACKED_BYTES = 512 * 1024 * 1024

/**
 * The module out of a bundle that the compiler wrote: its file `policy.wasm`. Source: OPA documentation, Bundles.
 * @throws COMPILER_FAILED when the archive is not whole or holds no module.
 */
export async function readBundle(archive: Uint8Array): Promise<Uint8Array> {
  const files = await readArchive(archive, UNPACKED_BYTES)
  const module = files?.get('policy.wasm')
  if (module !== undefined) return module
  throw new RegateError('COMPILER_FAILED', 'The compiler wrote a bundle without a readable module.')
}
