import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Compiler } from '../../src/catalog/find-compiler.ts'
import { parseJson } from '../../src/engine/builtins/bytes/parse-json.ts'
import { isArray, isNumber, isObject } from '../../src/engine/values/value.ts'
import type { Value } from '../../src/engine/values/value.ts'
import type { Outcome } from './outcome.ts'
import type { Subject } from './subjects.ts'

/**
 * What `opa eval` makes of each input (JSON), in one process; where that fails as a whole, the inputs are halved until the
 * one is found that does it.
 */
export async function askOpa(
  subject: Subject,
  inputs: readonly string[],
  compiler: Compiler,
): Promise<Outcome[]> {
  const folder = await mkdtemp(join(tmpdir(), 'regate-fuzz-'))
  try {
    const files = subject.modules.map((_, index) => join(folder, `module-${index}.rego`))
    await Promise.all(files.map((file, index) => writeFile(file, subject.modules[index] ?? '')))
    await writeFile(join(folder, 'data.json'), subject.data)
    const data = [...files, join(folder, 'data.json')].flatMap((file) => ['--data', file])
    const run = async (batch: readonly string[]): Promise<Outcome[]> => {
      const output = await evaluate(compiler, data, { subject, folder, batch })
      if (output !== undefined) return readOutcomes(output, batch.length)
      if (batch.length <= 1) return [{ kind: 'failed', message: 'by opa eval' }]
      const half = Math.ceil(batch.length / 2)
      return [...(await run(batch.slice(0, half))), ...(await run(batch.slice(half)))]
    }
    return await run(inputs)
  } finally {
    await rm(folder, { recursive: true })
  }
}

interface Batch {
  readonly subject: Subject
  readonly folder: string
  readonly batch: readonly string[]
}

async function evaluate(compiler: Compiler, data: readonly string[], { subject, folder, batch }: Batch) {
  const path = ['data', ...subject.entrypoint.split('/')].join('.')
  const query = `[[i, v] | some i, doc in input; v := ${path} with input as doc]`
  const input = join(folder, 'input.json')
  await writeFile(input, `[${batch.join(',')}]`)
  const words = ['eval', '--format', 'json', ...data, '--input', input, query]
  try {
    const { stdout } = await promisify(execFile)(compiler.path, words, {
      maxBuffer: 2 ** 30,
      timeout: 30_000,
    })
    return parseJson(stdout)
  } catch {
    return undefined
  }
}

function readOutcomes(output: Value, count: number): Outcome[] {
  const outcomes = Array.from({ length: count }, (): Outcome => ({ kind: 'undefined' }))
  const pairs = ['result', 0, 'expressions', 0, 'value'].reduce<Value>(step, output)
  for (const pair of isArray(pairs) ? pairs : []) {
    const [index = null, value = null] = isArray(pair) ? pair : []
    if (isNumber(index)) outcomes[Number(index.text)] = { kind: 'value', value }
  }
  return outcomes
}

function step(value: Value, name: string | number): Value {
  if (isArray(value)) return value[Number(name)] ?? null
  return (isObject(value) ? value.entries.find(([key]) => key === name)?.[1] : undefined) ?? null
}
