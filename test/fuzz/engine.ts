import { randomBytes } from 'node:crypto'
import { findCompiler } from '../../src/catalog/find-compiler.ts'
import { writeValue } from '../../src/engine/values/write-value.ts'
import { askOpa } from './ask-opa.ts'
import { findDifferences, isSameAfterLoss } from './compare-outcomes.ts'
import { KNOWN_DIFFERENCES } from './known-differences.ts'
import { makeInput } from './make-input.ts'
import { makeRequest } from './make-request.ts'
import { type Evaluator, openOwn, openSdk } from './open-evaluators.ts'
import { createRandom } from './random.ts'
import { loadSubjects, type Subject } from './subjects.ts'

/**
 * Random inputs for the example policies and for policies that use every builtin, evaluated by our host, by OPA's SDK where
 * a module needs no builtin of the host, and by `opa eval`: `npm run fuzz:engine -- [seconds] [seed]`. Exits with 1 on any
 * disagreement that known-differences.ts does not name.
 */
const seconds = Number(process.argv[2] ?? 60)
const seed = process.argv[3] ?? randomBytes(4).toString('hex')
const BATCH = 100
const SHOWN = 40

interface Runner {
  readonly subject: Subject
  readonly own: Evaluator
  readonly sdk: Evaluator | undefined
}

const { PATH = '', REGATE_OPA } = process.env
const compiler = await findCompiler({
  configuredPath: REGATE_OPA,
  environmentPath: PATH,
  cacheFolder: '.regate/cache',
})
const subjects = await loadSubjects(compiler, '.regate/conformance')
const runners = await Promise.all(
  subjects.map(
    async (subject): Promise<Runner> => ({
      subject,
      own: await openOwn(subject),
      sdk: await openSdk(subject),
    }),
  ),
)
const counts = new Map(subjects.map(({ name }) => [name, { inputs: 0, sdk: 0 }]))
const disagreements: string[] = []
const end = Date.now() + seconds * 1000
console.log(`seed ${seed}; excluded by name: ${KNOWN_DIFFERENCES.size} rules`)
for (let round = 0; Date.now() < end; round += 1) {
  for (const runner of runners) if (Date.now() < end) await runBatch(runner, round)
}
report()

async function runBatch({ subject, own, sdk }: Runner, round: number): Promise<void> {
  const random = createRandom(`${seed}:${subject.name}:${round}`)
  const make = subject.input === 'request' ? makeRequest : makeInput
  const inputs = Array.from({ length: BATCH }, () => writeValue(make(random)))
  const answers = await askOpa(subject, inputs, compiler)
  for (const [index, input] of inputs.entries()) {
    const mine = own.evaluate(input)
    const differences = findDifferences(subject.name, answers[index] ?? { kind: 'failed' }, mine)
    if (sdk !== undefined && !isSameAfterLoss(mine, sdk.evaluate(input)))
      differences.push('the SDK answers otherwise')
    disagreements.push(
      ...differences.map((text) => `${subject.name}: ${text}\n  input ${input.slice(0, 20_000)}`),
    )
  }
  const count = counts.get(subject.name)
  if (count !== undefined) {
    count.inputs += BATCH
    count.sdk += sdk === undefined ? 0 : BATCH
  }
}

function report(): void {
  for (const text of disagreements.slice(0, SHOWN)) console.log(text)
  for (const [name, { inputs, sdk }] of counts)
    console.log(`${name}: ${inputs} inputs, ${sdk} of them by the SDK too`)
  const total = [...counts.values()].reduce((sum, { inputs }) => sum + inputs, 0)
  console.log(`${total} evaluations compared, ${disagreements.length} disagreements`)
  process.exit(disagreements.length === 0 ? 0 : 1)
}
