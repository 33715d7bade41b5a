import { compilePattern } from './compile-pattern.ts'
import type { Pattern } from './compile-pattern.ts'

/**
 * Compiles a template: patterns between the delimiters (which may nest), all else literal. Undefined for delimiters that do
 * not pair or a part that is no pattern by itself. Source: OPA, v1/topdown/regex_template.go.
 */
export function compileTemplate(template: string, start: string, end: string): Pattern | undefined {
  const parts = splitTemplate(template, start, end)
  if (parts === undefined) return undefined
  const isSound = parts.every((part, index) => index % 2 === 0 || compilePattern(`^${part}$`) !== undefined)
  if (!isSound) return undefined
  const source = parts.map((part, index) => (index % 2 === 0 ? quotePattern(part) : `(${part})`)).join('')
  return compilePattern(`^${source}$`)
}

/** Literal, pattern, literal … literal. */
function splitTemplate(template: string, start: string, end: string): string[] | undefined {
  const parts: string[] = []
  let [depth, from] = [0, 0]
  for (let index = 0; index < template.length; index += 1) {
    const isStart = template[index] === start
    if (!isStart && template[index] !== end) continue
    depth += isStart ? 1 : -1
    if (depth < 0) return undefined
    if (depth !== (isStart ? 1 : 0)) continue
    parts.push(template.slice(from, index))
    from = index + 1
  }
  return depth === 0 ? [...parts, template.slice(from)] : undefined
}

function quotePattern(text: string): string {
  return text.replaceAll(/[\\.+*?()|[\]{}^$]/g, String.raw`\$&`)
}
