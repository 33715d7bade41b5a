import { readFileSync } from 'node:fs'

/** The version of the engine, which is that of this package: what an older one came to may not hold any more. */
export const ENGINE_VERSION: string = readVersion()

function readVersion(): string {
  const content: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  const isPackage = typeof content === 'object' && content !== null && 'version' in content
  return isPackage ? String(content.version) : 'unknown'
}
