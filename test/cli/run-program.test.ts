import { Command } from 'commander'
import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import type { CommandIo } from '../../src/cli/command-io.ts'
import { runProgram } from '../../src/cli/run-program.ts'
import type { ErrorCode } from '../../src/errors.ts'
import { RegateError } from '../../src/errors.ts'

async function run(...programArguments: readonly string[]) {
  const printed = { stdout: '', stderr: '' }
  const io: CommandIo = {
    stdout: (text) => void (printed.stdout += text),
    stderr: (text) => void (printed.stderr += text),
    logTarget: 1,
    environment: {},
    folder: '/',
    onSignal: () => undefined,
    onCrash: () => undefined,
    exit: () => undefined,
  }
  const fail = new Command('fail').argument('<code>').action((code: ErrorCode | 'UNFORESEEN') => {
    throw code === 'UNFORESEEN' ? new TypeError('boom') : new RegateError(code, `this is ${code}`)
  })
  const work = new Command('work').option('--file <name>').action(() => io.stdout('worked\n'))
  const nested = new Command('nested').addCommand(new Command('inner').requiredOption('--must <x>'))
  return { code: await runProgram(programArguments, io, [fail, work, nested]), ...printed }
}

describe('the program', () => {
  it('ends with 0 when its command has done its work', async () => {
    expect(await run('work')).toEqual({ code: 0, stdout: 'worked\n', stderr: '' })
  })

  it('shows help and version on stdout, and ends with 0', async () => {
    const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'))
    expect(await run('--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
    expect(await run('--help')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('work'),
      stderr: '',
    })
    expect(await run('work', '--help')).toMatchObject({ code: 0, stdout: expect.stringContaining('--file') })
  })

  it.each([
    [[]],
    [['unknown']],
    [['--unknown']],
    [['work', '--unknown']],
    [['work', 'superfluous']],
    [['work', '--file']],
    [['fail']],
    [['nested']],
    [['nested', 'inner']],
  ])('ends with 2 when it is used wrongly: %j', async (programArguments) => {
    const { code, stdout, stderr } = await run(...programArguments)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).not.toBe('')
    expect(stderr).not.toMatch(/\n\s+at /)
  })

  it('prints a coded error as one message; a broken configuration is wrong use', async () => {
    expect(await run('fail', 'LISTEN_FAILED')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'this is LISTEN_FAILED\n',
    })
    expect(await run('fail', 'CONFIG_INVALID')).toEqual({
      code: 2,
      stdout: '',
      stderr: 'this is CONFIG_INVALID\n',
    })
  })

  it('shows where an error comes from that nobody foresaw', async () => {
    const { code, stderr } = await run('fail', 'UNFORESEEN')
    expect(code).toBe(1)
    expect(stderr).toMatch(/TypeError: boom\n\s+at /)
  })
})
