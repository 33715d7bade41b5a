import { expect, it } from 'vitest'
import { digestBuiltins } from '../../../src/engine/builtins/digest-builtins.ts'
import { askOpa, askTable, type Call } from './ask-opa.ts'
import { idleContext } from './idle-context.ts'

const TEXTS = [
  '""',
  '"abc"',
  '"é😀\\u0000"',
  '"7g"',
  '"616"',
  '"6162"',
  '"C3A9"',
  '"e282ff41"',
  '"eda080"',
  '"efbbbf61"',
  '" 61"',
]
const HOSTILE = ['1', 'null', '[]', '{}', '{"a"}', 'true', '1e400']

it('digests, encodes and decodes as OPA does, whatever the operands', async () => {
  const names = Object.keys(digestBuiltins)
  const operands = [...TEXTS, ...HOSTILE]
  const calls = names.flatMap((name): Call[] =>
    name.startsWith('crypto.hmac.')
      ? operands.flatMap((one) => operands.map((other): Call => [name, one, other]))
      : operands.map((operand): Call => [name, operand]),
  )
  expect(askTable(digestBuiltins, calls, idleContext)).toEqual(await askOpa(calls))
})

it('answers lone halves of surrogate pairs as the replacement character', () => {
  const of = (text: string) => digestBuiltins['hex.encode']?.([text], idleContext)
  expect(of('\ud800')).toBe('efbfbd')
})
