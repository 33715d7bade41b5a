import { delimiter, dirname } from 'node:path'
import { findCompiler } from '../src/catalog/find-compiler.ts'

/** Whatever starts `regate` finds the compiler that the set-up step has installed, also where PATH has none. */
export async function setup(): Promise<void> {
  const { PATH = '', REGATE_OPA } = process.env
  const places = { configuredPath: REGATE_OPA, environmentPath: PATH, cacheFolder: '.regate/cache' }
  const { path } = await findCompiler(places)
  process.env['PATH'] = `${dirname(path)}${delimiter}${PATH}`
}
