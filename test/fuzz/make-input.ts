import { toObject } from '../../src/engine/values/value.ts'
import type { Value } from '../../src/engine/values/value.ts'
import texts from './fixtures/texts.json' with { type: 'json' }
import type { Random } from './random.ts'
import { FORMED_TEXTS, HOSTILE_TEXTS, TOKEN_TEXTS } from './texts.ts'

const NUMBERS: readonly string[] = texts.numbers
const SMALL = ['0', '1', '2', '3', '-1', '-2', '5', '10', '16', '63', '64']
const TEXT_FIELDS = { ...FORMED_TEXTS, ...TOKEN_TEXTS }

/** One input for the policies of test/fuzz/policies: each field mostly of the form that its builtins read. */
export function makeInput(random: Random): Value {
  const formed = Object.entries(TEXT_FIELDS).map(([name, pool]) => [name, makeFormed(random, pool)] as const)
  const fields: readonly (readonly [string, Value])[] = [
    ...['s', 't', 'u'].map((name) => [name, often(random, () => makeText(random))] as const),
    ...['n', 'm', 'ns', 'ns2'].map(
      (name) => [name, often(random, () => makeNumber(random, NUMBERS))] as const,
    ),
    ...['i', 'j', 'step'].map((name) => [name, makeSmall(random)] as const),
    ...['x', 'y'].map((name) => [name, makeValue(random, 0)] as const),
    ...['list', 'list2'].map((name) => [name, often(random, () => makeList(random, 0))] as const),
    ...['object', 'object2'].map((name) => [name, often(random, () => makeObject(random, 0))] as const),
    ...['texts', 'texts2'].map(
      (name) => [name, often(random, () => repeat(random, 4, () => makeText(random)))] as const,
    ),
    ['numbers', often(random, () => repeat(random, 4, () => makeNumber(random, NUMBERS)))],
    ['paths', often(random, () => repeat(random, 3, () => random.pick(PATHS)))],
    ['graph', often(random, () => makeGraph(random))],
    ['patches', often(random, () => repeat(random, 3, () => makePatch(random)))],
    ['options', often(random, () => makeOptions(random))],
    ['constraints', often(random, () => makeConstraints(random))],
  ]
  return toObject([...formed, ...fields].filter(() => random.chance(0.97)))
}

export function makeText(random: Random): string {
  const text = random.pick(HOSTILE_TEXTS)
  return random.chance(0.3) ? text + random.pick(HOSTILE_TEXTS) : text
}

/** Any value, nested up to three deep. */
export function makeValue(random: Random, depth: number): Value {
  const kind = random.below(depth > 2 ? 4 : 6)
  if (kind === 0) return random.pick([null, true, false])
  if (kind === 1) return makeNumber(random, NUMBERS)
  if (kind < 4) return makeText(random)
  return kind === 4 ? makeList(random, depth) : makeObject(random, depth)
}

/** Mostly what a field should be; now and then anything. */
function often(random: Random, make: () => Value): Value {
  return random.chance(0.93) ? make() : makeValue(random, 1)
}

function makeFormed(random: Random, pool: readonly string[]): Value {
  return often(random, () => {
    const text = random.pick(pool)
    return random.chance(0.3) ? mutate(random, text) : text
  })
}

/** A character taken away, put in, doubled or changed. */
function mutate(random: Random, text: string): string {
  const characters = Array.from(text)
  const at = random.below(characters.length + 1)
  const extra = Array.from(random.pick(HOSTILE_TEXTS))[0] ?? 'x'
  const isCut = random.chance(0.4)
  characters.splice(at, isCut ? 1 : 0, ...(isCut && random.chance(0.5) ? [] : [extra]))
  return characters.join('')
}

function makeNumber(random: Random, pool: readonly string[]): Value {
  return { kind: 'number', text: random.pick(pool) }
}

/** Never a large number: OPA makes ranges of any length. */
function makeSmall(random: Random): Value {
  return random.chance(0.95)
    ? makeNumber(random, SMALL)
    : random.pick([null, 'a', '1', [], { kind: 'number', text: '1.5' }])
}

function makeList(random: Random, depth: number): Value {
  return repeat(random, 4, () => makeValue(random, depth + 1))
}

const KEYS = ['a', 'b', 'l', '', '0', '1', '__proto__', 'constructor', 'é', '😀', 'a.b', 'a/b', '<&>', 'x y']

function makeObject(random: Random, depth: number): Value {
  const keys = new Set(repeat(random, 4, () => (random.chance(0.8) ? random.pick(KEYS) : makeText(random))))
  return toObject([...keys].map((key) => [key, makeValue(random, depth + 1)]))
}

const PATHS = ['a', 'a/b', '/a/0', 'l/0/a', '', '/', 'b', 'a~1b', '/__proto__/a', '0', 'l/-']

function makeGraph(random: Random): Value {
  const nodes = ['a', 'b', '', 'é', '😀']
  return toObject(nodes.map((node) => [node, repeat(random, 3, () => random.pick(nodes))]))
}

function makePatch(random: Random): Value {
  return toObject([
    ['op', random.pick(['add', 'remove', 'replace', 'move', 'copy', 'test', 'x'])],
    ['path', random.pick([...PATHS.filter((path) => path !== ''), '0', '1', '-', 'a/0', 'a/-'])],
    ['from', random.pick(PATHS.filter((path) => path !== ''))],
    ['value', makeValue(random, 2)],
  ])
}

function makeOptions(random: Random): Value {
  const all: readonly (readonly [string, Value])[] = [
    ['pretty', random.pick([true, false, 'x'])],
    ['indent', random.pick(['  ', '', '\t', 'é'])],
    ['prefix', random.pick(['> ', '', '😀'])],
    ['other', true],
  ]
  return toObject(all.filter(([name]) => random.chance(name === 'other' ? 0.05 : 0.5)))
}

function makeConstraints(random: Random): Value {
  const all: readonly (readonly [string, Value])[] = [
    ['secret', random.pick(['secret', 'other'])],
    ['cert', random.pick(TOKEN_TEXTS['certificate'] ?? [''])],
    ['alg', random.pick(['HS256', 'RS256', 'ES256', 'none'])],
    ['iss', random.pick(['a', 'x'])],
    ['aud', random.pick(['b', 'x'])],
    ['time', makeNumber(random, ['0', '1000000000', '1670006453141828752', '4102444800000000000'])],
  ]
  const isKeyed = random.chance(0.5)
  return toObject(
    all.filter(([name]) => (name === 'secret' ? isKeyed : name === 'cert' ? !isKeyed : random.chance(0.5))),
  )
}

function repeat<Item>(random: Random, most: number, make: () => Item): Item[] {
  return Array.from({ length: random.below(most + 1) }, make)
}
