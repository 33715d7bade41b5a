import { randomBytes } from 'node:crypto'
import { findCompiler } from '../../src/catalog/find-compiler.ts'
import { parseJson } from '../../src/engine/builtins/bytes/parse-json.ts'
import { isObject } from '../../src/engine/values/value.ts'
import { writeValue } from '../../src/engine/values/write-value.ts'
import { askOpa } from './ask-opa.ts'
import { type Difference, findDifferences } from './compare-outcomes.ts'
import { type Answers, createEvaluator, type Evaluator } from './create-evaluator.ts'
import { type Fields, findKnownDifference } from './known-differences.ts'
import { makeInput } from './make-input.ts'
import { makeRequest } from './make-request.ts'
import type { Outcome } from './outcome.ts'
import { createRandom } from './random.ts'
import { findRawDifference, readOutcome } from './read-outcome.ts'
import { showInput } from './show-input.ts'
import { loadSubjects, type Subject } from './subjects.ts'

/**
 * Random inputs for the example policies and for policies that use every builtin, evaluated by our host, by OPA's SDK where
 * a module needs no builtin of the host, and by `opa eval`: `npm run fuzz:engine -- [seconds] [seed] [policy]`. Exits with 1 on
 * any disagreement that known-differences.ts does not name.
 */
const seconds = Number(process.argv[2] ?? 60)
const seed = process.argv[3] ?? randomBytes(4).toString('hex')
const only = process.argv[4]
const BATCH = 100
const SHOWN = 2

interface Disagreement {
  /** Policy and rule. */
  readonly where: string
  readonly text: string
}

interface Runner {
  readonly subject: Subject
  readonly evaluator: Evaluator
}

const { PATH = '', REGATE_OPA } = process.env
const compiler = await findCompiler({
  configuredPath: REGATE_OPA,
  environmentPath: PATH,
  cacheFolder: '.regate/cache',
})
const all = await loadSubjects(compiler, '.regate/conformance')
const subjects = all.filter(({ name }) => only === undefined || name === only)
const runners = subjects.map((subject): Runner => ({ subject, evaluator: createEvaluator(subject) }))
const counts = new Map(subjects.map(({ name }) => [name, { inputs: 0, sdk: 0 }]))
const excluded = new Map<string, number>()
const disagreements: Disagreement[] = []
const end = Date.now() + seconds * 1000
console.log(`seed ${seed}`)
for (let round = 0; Date.now() < end; round += 1) {
  for (const runner of runners) if (Date.now() < end) await runBatch(runner, round)
}
report()

async function runBatch({ subject, evaluator }: Runner, round: number): Promise<void> {
  const random = createRandom(`${seed}:${subject.name}:${round}`)
  const make = subject.input === 'request' ? makeRequest : makeInput
  const inputs = Array.from({ length: BATCH }, () => writeValue(make(random)))
  const [wanted, answers] = await Promise.all([askOpa(subject, inputs, compiler), evaluator.evaluate(inputs)])
  const count = counts.get(subject.name)
  for (const [index, input] of inputs.entries()) {
    const [want, answer] = [wanted[index], answers[index]]
    if (count !== undefined) count.inputs += 1
    if (count !== undefined && answer?.sdk !== undefined) count.sdk += 1
    for (const difference of want === undefined ? [] : findAll(want, answer)) note(subject, input, difference)
  }
}

function findAll(want: Outcome, answer: Answers | undefined): Difference[] {
  if (answer === undefined) return [{ rule: 'endless', text: 'does not end' }]
  const { own, sdk } = answer
  const differences = findDifferences(want, readOutcome(own))
  const text = sdk === undefined ? undefined : findRawDifference(own, sdk)
  return text === undefined ? differences : [...differences, { rule: 'SDK', text }]
}

function note(subject: Subject, input: string, { rule, text }: Difference): void {
  const known = findKnownDifference(subject.name, rule, readFields(input))
  if (known !== undefined) {
    excluded.set(known.name, (excluded.get(known.name) ?? 0) + 1)
    return
  }
  const shown = showInput(subject, rule, input)
  disagreements.push({ where: `${subject.name}: ${rule}`, text: `  ${text}\n  input ${shown}` })
}

function readFields(input: string): Fields {
  const value = parseJson(input) ?? null
  return new Map(isObject(value) ? value.entries : [])
}

function report(): void {
  for (const [where, group] of Map.groupBy(disagreements, (each) => each.where)) {
    console.log(`${group.length} × ${where}`)
    for (const { text } of group.slice(0, SHOWN)) console.log(text)
  }
  for (const [name, count] of excluded) console.log(`excluded ${count}: ${name}`)
  for (const [name, { inputs, sdk }] of counts)
    console.log(`${name}: ${inputs} inputs, ${sdk} of them by the SDK too`)
  const total = [...counts.values()].reduce((sum, { inputs }) => sum + inputs, 0)
  console.log(`${total} evaluations compared, ${disagreements.length} disagreements`)
  process.exit(disagreements.length === 0 ? 0 : 1)
}
