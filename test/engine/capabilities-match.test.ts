import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { HOST_BUILTINS } from '../../src/engine/host-builtins.ts'
import { COMPILER_BUILTINS, NATIVE_BUILTINS } from '../../src/engine/native-builtins.ts'
import { LEFT_OUT_BUILTINS } from '../../src/engine/left-out-builtins.ts'
import { loadModule } from '../../src/engine/load-module.ts'
import { openPolicy } from '../../src/engine/open-policy.ts'
import { readMemoryMinimum } from '../../src/engine/read-memory-minimum.ts'
import { webAssembly } from '../../src/engine/web-assembly.ts'
import { openCompilerBed } from './compiler-bed.ts'

interface DeclaredBuiltin {
  readonly name: string
  readonly decl: { readonly args?: readonly unknown[] }
  readonly deprecated?: boolean
}

const bed = await openCompilerBed()
const { stdout } = await bed.compiler.run(['capabilities', '--current'], bed.cacheFolder)
const known = readBuiltins(stdout)
const given = readBuiltins(await readFile(bed.compiler.capabilitiesPath, 'utf8'))

function readBuiltins(json: string): ReadonlyMap<string, DeclaredBuiltin> {
  const { builtins } = JSON.parse(json) as { readonly builtins: readonly DeclaredBuiltin[] }
  return new Map(builtins.map((builtin) => [builtin.name, builtin]))
}

/** A call that the compiler can find nothing wrong with: it knows nothing of a claim's type. */
function callOf(name: string): string {
  const operands = known.get(name)?.decl.args ?? []
  return `${name}(${operands.map((_, index) => `input.identity.claims.operand_${index}`).join(', ')})`
}

it('gives the compiler the builtins that a module brings along, that the host provides, and no other', () => {
  const provided = [...NATIVE_BUILTINS, ...HOST_BUILTINS.keys(), ...COMPILER_BUILTINS]
  expect([...given.keys()].toSorted()).toEqual(provided.toSorted())
})

it('leaves out the twelve that are left out on purpose, what Rego v1 refuses, and no other', () => {
  const missing = [...known.values()].filter(({ name }) => !given.has(name))
  const refusedByRego = missing.filter(({ deprecated }) => deprecated).map(({ name }) => name)
  expect(LEFT_OUT_BUILTINS.size).toBe(12)
  expect(missing.map(({ name }) => name).toSorted()).toEqual(
    [...LEFT_OUT_BUILTINS.keys(), ...refusedByRego].toSorted(),
  )
})

it('compiles a policy that calls every builtin of the host, and the module asks for just these', async () => {
  const rules = [...HOST_BUILTINS.keys()].map((name) => {
    // It has no result, and a policy calls it by its short name.
    const body =
      name === 'internal.print' ? 'print(input.identity)' : `${callOf(name)} == input.identity.claims.result`
    return `deny contains name if ${body}\n`
  })
  const text = ['package grafana\n', 'name := "called"\n', ...rules].join('\n')
  const { wasm } = await bed.compile(text)
  const initial = readMemoryMinimum(wasm)
  const { builtins } = openPolicy(await webAssembly.compile(wasm), { initial, maximum: initial + 64 })
  expect(builtins.toSorted()).toEqual([...HOST_BUILTINS.keys()].toSorted())
  expect((await loadModule(wasm)).createEvaluator({ data: {} }).evaluate({})).toEqual({ deny: ['called'] })
})

it('refuses a policy that calls what is left out, each call at its place and with the reason', async () => {
  const rules = [...LEFT_OUT_BUILTINS.keys()].map(
    (name) => `allow if ${callOf(name)} == input.identity.claims.result\n`,
  )
  const error = await bed.compile(['package grafana\n', ...rules].join('\n')).catch((cause: unknown) => cause)
  expect(error).toMatchObject({ code: 'POLICY_COMPILE_FAILED', location: { file: FILE, row: 3 } })
  const lines = String(error).split('\n')
  for (const [index, [name, reason]] of [...LEFT_OUT_BUILTINS].entries()) {
    const found = lines.filter((line) => line.includes(`${FILE}:${3 + 2 * index}:`))
    const message = `undefined function ${name}, which is left out on purpose: ${reason}`
    expect(found, name).toEqual([expect.stringContaining(message)])
  }
})

const FILE = 'grafana/policy.rego'
