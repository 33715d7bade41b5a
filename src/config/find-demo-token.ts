import { readFileSync } from 'node:fs'
import { readYaml } from './read-yaml.ts'

export interface DemoToken {
  readonly token: string
  readonly subject: string
}

/** The first token that a tokens file shows in plain text, which it does for demos only; absent where there is none. */
export function findDemoToken(file: string): DemoToken | undefined {
  for (const entry of Object.values(readEntries(file))) {
    const plain = valueOf(entry, 'plain')
    const subject = valueOf(entry, 'subject')
    if (typeof plain === 'string' && typeof subject === 'string') return { token: plain, subject }
  }
  return undefined
}

/** Whether the file is right is judged by those who let callers in by it. */
function readEntries(file: string): object {
  try {
    const { value } = readYaml(readFileSync(file, 'utf8'))
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}

function valueOf(entry: unknown, key: string): unknown {
  return typeof entry === 'object' && entry !== null ? Reflect.get(entry, key) : undefined
}
