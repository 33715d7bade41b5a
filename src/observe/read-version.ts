import { readFileSync } from 'node:fs'

/** The version of this package; `unknown` where its description names none. */
export function readVersion(): string {
  const content: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  const isPackage = typeof content === 'object' && content !== null && 'version' in content
  return isPackage ? String(content.version) : 'unknown'
}
