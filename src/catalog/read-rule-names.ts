import type { SourceFile } from './source-file.ts'

const RULE = /^(?:default\s+)?([A-Za-z_]\w*)/
const OTHER_WORDS: ReadonlySet<string> = new Set(['package', 'import', 'else', 'not', 'some', 'every'])

/**
 * The names that an app's code defines directly below its package: rules, functions and packages further down. Read from
 * the text of files that have been compiled: a rule begins where a line does.
 */
export function readRuleNames(app: string, files: readonly SourceFile[]): ReadonlySet<string> {
  const names = new Set<string>()
  for (const { text } of files) {
    const [, declared = app] = /^\s*package\s+([\w.]+)/m.exec(text) ?? []
    const [, below] = declared.split('.')
    if (below !== undefined) names.add(below)
    else for (const name of ruleNamesOf(text)) names.add(name)
  }
  return names
}

function ruleNamesOf(text: string): string[] {
  return text.split('\n').flatMap((line) => {
    const [, name] = RULE.exec(line) ?? []
    return name === undefined || OTHER_WORDS.has(name) ? [] : [name]
  })
}
