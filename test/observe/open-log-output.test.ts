import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openLogOutput } from '../../src/observe/open-log-output.ts'

const MODULE = new URL('../../src/observe/open-log-output.ts', import.meta.url).href

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'regate-log-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function runProgram(program: string): Promise<{ output: string; code: unknown }> {
  const source = `import { openLogOutput } from ${JSON.stringify(MODULE)}\nconst output = openLogOutput(1)\n${program}`
  const child = spawn('node', ['--input-type=module', '--eval', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  const [code] = await once(child, 'close')
  return { output, code }
}

describe('the log output', () => {
  it('hands a line over within a moment, without being asked', async () => {
    const file = join(folder, 'log')
    openLogOutput(file).write('one\n')
    await vi.waitFor(async () => expect(await readFile(file, 'utf8')).toBe('one\n'), 5000)
  })

  it('loses no line of a process that flushes and exits, and keeps their order', async () => {
    const { output, code } = await runProgram(`
      for (let index = 0; index < 50000; index++) output.write(index + ' of a line of the log\\n')
      await output.flush()
      process.exit(0)`)
    const numbers = output
      .trimEnd()
      .split('\n')
      .map((line) => Number.parseInt(line, 10))
    expect(code).toBe(0)
    expect(numbers).toEqual(Array.from({ length: 50_000 }, (_, index) => index))
  })

  it('loses no line of a process that has to end at once', async () => {
    const { output, code } = await runProgram(`
      setTimeout(() => {
        output.write('last words\\n')
        output.flushNow()
        process.exit(1)
      }, 20)`)
    expect({ output, code }).toEqual({ output: 'last words\n', code: 1 })
  })

  it('lets the process live when nobody reads any more', async () => {
    const source = `import { openLogOutput } from ${JSON.stringify(MODULE)}
      const output = openLogOutput(1)
      for (let round = 0; round < 20; round++) {
        output.write('x'.repeat(100000) + '\\n')
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
      process.exit(7)`
    const child = spawn('node', ['--input-type=module', '--eval', source], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    child.stdout.destroy()
    const [code] = await once(child, 'exit')
    expect(code).toBe(7)
  })
})
