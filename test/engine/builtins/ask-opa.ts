import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Builtin, BuiltinTable } from '../../../src/engine/builtins/builtin.ts'
import { compareValues, sortUnique } from '../../../src/engine/values/compare-values.ts'
import { parseValue } from '../../../src/engine/values/parse-value.ts'
import { isArray, isObject, isSet } from '../../../src/engine/values/value.ts'
import type { Value } from '../../../src/engine/values/value.ts'
import { writeValue } from '../../../src/engine/values/write-value.ts'
import { findTestCompiler } from '../compiler-bed.ts'

/** A run is over before a collection would pay. */
export const WITHOUT_COLLECTION = { GOGC: 'off', GOMEMLIMIT: '1GiB' }

/** A builtin's name and its operands as Rego text, e.g. `['indexof_n', '"a😀a"', '"a"']`. */
export type Call = readonly [name: string, ...operands: string[]]
export type Answers = Readonly<Record<string, string>>

/** What `opa eval` answers to each call, all in one process: text with sets as sorted lists, or `undefined`. */
export async function askOpa(calls: readonly Call[]): Promise<Answers> {
  const folder = await mkdtemp(join(tmpdir(), 'regate-opa-'))
  try {
    const file = join(folder, 'table.rego')
    // object.get takes the type away: the compiler would refuse hostile operands that it can see.
    const rules = calls.map(([name, ...operands], index) => {
      const hidden = operands.map((operand) => `object.get(input, "absent", ${operand})`)
      return `answers[${index}] := ${name}(${hidden.join(', ')})\n`
    })
    await writeFile(file, ['package table\n', ...rules].join('\n'))
    const { path } = await findTestCompiler()
    const query = ['eval', '--format=json', '--data', file, '--stdin-input', 'data.table.answers']
    const running = promisify(execFile)(path, query, { maxBuffer: 2 ** 27, env: WITHOUT_COLLECTION })
    running.child.stdin?.end('{}')
    const output = parseValue((await running).stdout.replaceAll('\n', ' '))
    const found = ['result', '0', 'expressions', '0', 'value'].reduce(step, output)
    return toAnswers(calls, (_, index) => step(found, String(index)))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** What the table answers, in the same form. */
export function askTable(
  table: BuiltinTable,
  calls: readonly Call[],
  context: Parameters<Builtin>[1],
): Answers {
  return toAnswers(calls, ([name, ...operands]) => table[name]?.(operands.map(parseValue), context))
}

function toAnswers(
  calls: readonly Call[],
  answer: (call: Call, index: number) => Value | undefined,
): Answers {
  return Object.fromEntries(
    calls.map((call, index) => {
      const value = answer(call, index)
      const [name, ...operands] = call
      return [
        `${name}(${operands.join(', ')})`,
        value === undefined ? 'undefined' : writeValue(normalize(value)),
      ]
    }),
  )
}

function step(value: Value | undefined, name: string): Value | undefined {
  if (value === undefined) return undefined
  if (isArray(value)) return value[Number(name)]
  return isObject(value) ? value.entries.find(([key]) => key === name)?.[1] : undefined
}

function normalize(value: Value): Value {
  if (isArray(value)) return value.map(normalize)
  if (isSet(value)) return sortUnique(value.items).map(normalize)
  if (!isObject(value)) return value
  const entries = value.entries.map(([key, item]) => [key, normalize(item)] as const)
  return { kind: 'object', entries: entries.toSorted(([one], [other]) => compareValues(one, other)) }
}
