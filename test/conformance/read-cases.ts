import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseJson } from '../../src/engine/builtins/bytes/parse-json.ts'
import { isArray, isObject } from '../../src/engine/values/value.ts'
import type { Value } from '../../src/engine/values/value.ts'
import { writeValue } from '../../src/engine/values/write-value.ts'

/** One evaluation with a known outcome. Documents are JSON texts, so that numbers keep their digits. */
export interface ConformanceCase {
  readonly topic: string
  readonly id: string
  readonly modules: readonly string[]
  readonly data: string
  /** Absent: there is no input, which differs from `null`. */
  readonly input: string | undefined
  readonly entrypoint: string
  /** The variable that the entrypoint's value is bound to; absent where the value is the list of solutions itself. */
  readonly binding: string | undefined
  readonly expect: string
  readonly want: readonly Value[]
  readonly anyOrder: boolean
  /** Builtins that the host must have. */
  readonly needs: readonly string[]
  /** Why OPA's own run on WebAssembly leaves the case out. */
  readonly gap: string | undefined
  /** Why the case cannot be compiled for this target. */
  readonly skip: string | undefined
}

/** Every case of a folder of `<topic>.json` files. @throws what reading the files throws, and `SyntaxError`. */
export async function readCases(folder: string): Promise<ConformanceCase[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).toSorted()
  const files = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))
  return files.flatMap((text, index) => {
    const file = parseJson(text)
    if (file === undefined) throw new SyntaxError(`${names[index]} is no JSON`)
    const topic = toText(get(file, 'topic')) ?? ''
    return toItems(get(file, 'cases')).map((item) => toCase(topic, item))
  })
}

function toCase(topic: string, item: Value): ConformanceCase {
  const wasm = get(item, 'wasm') ?? null
  const module = toText(get(wasm, 'module'))
  return {
    topic,
    id: toText(get(item, 'id')) ?? '',
    modules: [...toTexts(get(item, 'modules')), ...(module === undefined ? [] : [module])],
    data: writeValue(get(item, 'data') ?? { kind: 'object', entries: [] }),
    input: readInput(item),
    entrypoint: toText(get(wasm, 'entrypoint')) ?? '',
    binding: toText(get(wasm, 'binding')),
    expect: toText(get(wasm, 'expect')) ?? '',
    want: toItems(get(item, 'want_result')),
    anyOrder: get(item, 'sort_bindings') === true,
    needs: toTexts(get(wasm, 'needs')),
    gap: toText(get(wasm, 'gap')),
    skip: toText(get(wasm, 'skip')),
  }
}

/** A term that is no JSON is part of the module: `with input as …`. */
function readInput(item: Value): string | undefined {
  const input = get(item, 'input')
  if (input !== undefined) return writeValue(input)
  const term = parseJson(toText(get(item, 'input_term')) ?? '')
  return term === undefined ? undefined : writeValue(term)
}

function get(value: Value, name: string): Value | undefined {
  return isObject(value) ? value.entries.find(([key]) => key === name)?.[1] : undefined
}

function toText(value: Value | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function toItems(value: Value | undefined): readonly Value[] {
  return value !== undefined && isArray(value) ? value : []
}

function toTexts(value: Value | undefined): string[] {
  return toItems(value).filter((item) => typeof item === 'string')
}
