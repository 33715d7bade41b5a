import { expect, it } from 'vitest'
import { HOST_BUILTINS } from '../../src/engine/host-builtins.ts'
import { loadModule } from '../../src/engine/load-module.ts'
import { NATIVE_BUILTINS } from '../../src/engine/native-builtins.ts'
import { readMemoryMinimum } from '../../src/engine/read-memory-minimum.ts'
import { openCompilerBed } from './compiler-bed.ts'

const bed = await openCompilerBed()
const sound = await bed.build('package grafana\n\nallow := sprintf("%s", ["x"]) == "x"\n')

const INVALID = expect.objectContaining({ code: 'MODULE_INVALID' })

it('loads a module that needs more memory than the customary five pages', async () => {
  const table = Array.from({ length: 2000 }, (_, index) => `"${'k'.repeat(250)}${index}"`).join(', ')
  const wasm = await bed.build(`package grafana\n\nallow if input.request.path in [${table}]\n`)
  expect(readMemoryMinimum(wasm)).toBeGreaterThan(5)
  expect((await loadModule(wasm)).createEvaluator({ data: {} }).evaluate({ request: { path: '/' } })).toEqual(
    {},
  )
})

it('gives a module room for data that begins in the memory it asks for and ends behind it', () => {
  const imports = [2, 8, 1, 1, 0x61, 1, 0x61, 2, 0, 1]
  const offset = [0xf8, 0xff, 0x03]
  const data = [11, 22, 1, 0, 0x41, ...offset, 0x0b, 14, ...Buffer.alloc(14)]
  const module = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...imports, ...data)
  expect(readMemoryMinimum(module)).toBe(2)
})

it('refuses bytes that are no module, or only a part of one', async () => {
  for (const bytes of [
    new Uint8Array(),
    new Uint8Array(8),
    new TextEncoder().encode('package grafana'),
    sound.subarray(0, 50),
  ]) {
    await expect(loadModule(bytes)).rejects.toEqual(INVALID)
  }
  for (const share of [0.1, 0.5, 0.99]) {
    await expect(loadModule(sound.subarray(0, Math.floor(sound.length * share)))).rejects.toEqual(INVALID)
  }
})

it('refuses a module of another kind: nothing imported, other imports, a shared memory, an endless number', async () => {
  const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]
  const name = [1, 0x61]
  const imports = [
    [],
    [2, 1, 0],
    [2, 8, 1, ...name, ...name, 3, 0x7f, 0],
    [2, 9, 1, ...name, ...name, 2, 3, 1, 2],
    [2, 14, 1, ...name, ...name, 2, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f],
    [2, 8, 1, ...name, ...name, 2, 0, 1],
  ]
  for (const section of imports) {
    await expect(loadModule(Uint8Array.from([...header, ...section]))).rejects.toEqual(INVALID)
  }
})

it('refuses a module of another ABI, without the entrypoint, or with a builtin that is not provided', async () => {
  await expect(loadModule(replaceText(sound, 'regate/verdict\0', 'regate/verdikt\0'))).rejects.toThrow(
    /entrypoint/,
  )
  await expect(loadModule(replaceText(sound, 'sprintf\0', 'sprintx\0'))).rejects.toThrow(/sprintx/)
})

it('knows every builtin that a module brings along', async () => {
  const { stdout } = await bed.compiler.run(['capabilities', '--current'], bed.cacheFolder)
  const { builtins }: { builtins: { name: string; decl: { args?: unknown[] } }[] } = JSON.parse(stdout)
  const arities = new Map(builtins.map(({ name, decl }) => [name, decl.args?.length ?? 0]))
  const calls = [...NATIVE_BUILTINS, ...HOST_BUILTINS.keys()].filter((name) => !name.startsWith('internal.'))
  const rules = calls.map((name, index) => {
    const operands = Array.from(
      { length: arities.get(name) ?? 0 },
      (_, place) => `input.identity.claims.x${place}`,
    )
    return `deny contains "${index}" if ${name}(${operands.join(', ')}) == input.identity.claims.y`
  })
  const members = 'deny contains "in" if { some x in [1]; x in {1}; "a", 1 in {"a": 1}; $"{x}" == "1" }'
  const module = await bed.load(['package grafana', ...rules, members, ''].join('\n\n'))
  expect(module.createEvaluator({ data: {} }).evaluate({})).toEqual({ deny: ['in'] })
})

function replaceText(bytes: Uint8Array, from: string, to: string): Uint8Array {
  const copy = Buffer.from(bytes)
  const offset = copy.indexOf(from)
  expect(offset).toBeGreaterThan(0)
  copy.write(to, offset)
  return copy
}
