import { isRecord } from '../decision/is-record.ts'
import { type ErrorCode, RegateError } from '../errors.ts'
import type { ScannedModule } from './folder-scan.ts'
import { readArchive } from './read-archive.ts'

const UNPACKED_BYTES = 64 * 1024 * 1024
const TABLE_NAME = /(?:^|\/)data\.(?:json|ya?ml)$/u

/**
 * The module of an app that was compiled elsewhere: a `policy.wasm` as it is, or the one in a bundle. Tables in a bundle
 * are refused instead of left out: the app's own data file is the one place for them.
 * @throws MODULE_INVALID, DATA_INVALID
 */
export async function readCompiled({ path, bytes }: ScannedModule): Promise<Uint8Array> {
  if (path.endsWith('.wasm')) return bytes
  const files = await readArchive(bytes, UNPACKED_BYTES)
  const module = files?.get('policy.wasm')
  if (files === undefined || module === undefined)
    throw invalid('MODULE_INVALID', path, `the bundle cannot be read or holds no policy.wasm; ${MEND}`)
  const table = [...files].find(([name, content]) => TABLE_NAME.test(name) && holdsTables(content))
  if (table !== undefined)
    throw invalid(
      'DATA_INVALID',
      path,
      `the bundle holds tables (${table[0]}); put them into a data.yaml beside it`,
    )
  return module
}

const MEND = 'make it with `opa build --target wasm --entrypoint regate/verdict`'

/** The compiler writes `{}` where there are none, or one for each folder. */
function holdsTables(content: Uint8Array): boolean {
  try {
    return !isHollow(JSON.parse(Buffer.from(content).toString('utf8')))
  } catch {
    return true
  }
}

function isHollow(value: unknown): boolean {
  return isRecord(value) && Object.values(value).every(isHollow)
}

function invalid(code: ErrorCode, file: string, problem: string): RegateError {
  return new RegateError(code, problem, { location: { file, row: 1, column: 1 } })
}
