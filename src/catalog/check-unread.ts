import { locate } from './locate.ts'
import type { ParsedModule } from './parse-modules.ts'
import { toPolicyError } from './policy-problem.ts'
import type { StagedApp } from './stage-app.ts'

/**
 * Refuses sources that the compiler accepts but whose tree it cannot print: what nobody could read has not been judged.
 * OPA 1.22 does so for a number without its leading zero.
 * @throws POLICY_COMPILE_FAILED
 */
export function checkUnread(stage: StagedApp, modules: readonly ParsedModule[]): void {
  const read = new Set(modules.map(({ source }) => source))
  const problems = stage.sources
    .filter((source) => !read.has(source))
    .map(({ path, text }) => ({
      location: locate(text, Math.max(0, text.search(BARE_FRACTION)), path),
      message: 'the compiler cannot show how it reads this; write a number such as .5 with its zero (0.5)',
    }))
  if (problems.length > 0) throw toPolicyError('POLICY_COMPILE_FAILED', problems)
}

const BARE_FRACTION = /(?<![\w.\])}"`])\.\d/u
