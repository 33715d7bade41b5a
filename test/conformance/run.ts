import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { findCompiler } from '../../src/catalog/find-compiler.ts'
import type { Compiler } from '../../src/catalog/find-compiler.ts'
import { parseExceptions } from './parse-exceptions.ts'
import { compileCase } from './compile-case.ts'
import { judgeCase } from './judge-case.ts'
import { LEFT_OUT_BUILTINS } from '../../src/engine/left-out-builtins.ts'
import { openEngine } from './open-engine.ts'
import { printReport } from './print-report.ts'
import type { Outcome } from './print-report.ts'
import { readCases } from './read-cases.ts'
import type { ConformanceCase } from './read-cases.ts'

/**
 * Compiles and evaluates OPA's own cases: `npm run conformance -- [folder]`. Exits with 1 where a case fails that
 * exceptions.json does not name, or one passes that it names.
 */
const SHARED_CASES = new URL('../../../shared/conformance/cases', import.meta.url).pathname
const folder = resolve(process.argv[2] ?? SHARED_CASES)
const cacheFolder = resolve('.regate/conformance')

const cases = await readCases(folder).catch(() => undefined)
if (cases === undefined) {
  console.log(`No cases in ${folder}: nothing is checked.\n0 passed, 0 failed, 0 skipped`)
  process.exit(process.argv[2] === undefined ? 0 : 1)
}
const exceptions = parseExceptions(await readFile(new URL('exceptions.json', import.meta.url), 'utf8'))
const { PATH = '', REGATE_OPA } = process.env
const compiler = await findCompiler({
  configuredPath: REGATE_OPA,
  environmentPath: PATH,
  cacheFolder: '.regate/cache',
})
const outcomes = await judgeAll(cases, compiler)
process.exit(printReport(outcomes, exceptions, folder === resolve(SHARED_CASES)) ? 0 : 1)

/** As many at once as there are processors, in the order of the cases. */
async function judgeAll(items: readonly ConformanceCase[], program: Compiler): Promise<Outcome[]> {
  const found: Outcome[] = []
  let next = 0
  const work = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) {
      const item = items[index]
      if (item !== undefined) found[index] = await judge(item, program)
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() + 1 }, work))
  return found
}

async function judge(item: ConformanceCase, program: Compiler): Promise<Outcome> {
  const { topic, id } = item
  const leftOut = item.needs.filter((name) => LEFT_OUT_BUILTINS.has(name))
  if (item.skip !== undefined) return { topic, id, kind: 'skipped', why: `cannot be compiled: ${item.skip}` }
  if (leftOut.length > 0) return { topic, id, kind: 'skipped', why: `left out: ${leftOut.join(', ')}` }
  const problem = await evaluate(item, program)
  if (problem === undefined) return { topic, id, kind: 'passed', why: '' }
  if (item.gap !== undefined) return { topic, id, kind: 'skipped', why: `the target: ${item.gap}` }
  return { topic, id, kind: 'failed', why: problem }
}

async function evaluate(item: ConformanceCase, program: Compiler): Promise<string | undefined> {
  try {
    return judgeCase(item, await openEngine(item, await compileCase(item, program, cacheFolder)))
  } catch (error) {
    return `could not be run: ${error instanceof Error ? error.message : String(error)}`
  }
}
