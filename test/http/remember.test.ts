import { expect, it } from 'vitest'
import { remember } from '../../src/http/remember.ts'

function counted(): { read: (text: string) => { text: string }; calls: () => number } {
  let calls = 0
  const read = (text: string) => {
    calls += 1
    if (text === 'bad') throw new Error('bad')
    return { text }
  }
  return { read, calls: () => calls }
}

it('reads a text once, and starts anew at its limit', () => {
  const { read, calls } = counted()
  const remembered = remember(read, 2)
  for (const text of ['a', 'a', 'b', 'a']) expect(remembered(text)).toEqual({ text })
  expect(calls()).toBe(2)
  remembered('c')
  remembered('a')
  expect(calls()).toBe(4)
})

it('keeps neither what was thrown nor long texts, which could fill the memory', () => {
  const { read, calls } = counted()
  const remembered = remember(read, 10)
  for (const text of ['bad', 'bad']) expect(() => remembered(text)).toThrow('bad')
  const long = 'x'.repeat(257)
  expect([remembered(long), remembered(long)]).toEqual([{ text: long }, { text: long }])
  expect(calls()).toBe(4)
})
