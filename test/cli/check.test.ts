import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest'
import { createCheckCommand } from '../../src/cli/check.ts'
import type { CommandIo } from '../../src/cli/command-io.ts'
import { runProgram } from '../../src/cli/run-program.ts'
import { runCommand } from './run-command.ts'

const folder = await mkdtemp(join(tmpdir(), 'regate-check-'))
afterAll(() => rm(folder, { recursive: true, force: true }))

const root = join(import.meta.dirname, '../..')
const FAULTS = join(root, 'test/review/faults')
const environment = {
  PATH: process.env['PATH'],
  REGATE_OPA: process.env['REGATE_OPA'],
  REGATE_CACHE: inject('sharedCache'),
}
const check = (...words: string[]) => runCommand(createCheckCommand, words, { environment, folder: root })

interface Found {
  readonly severity: string
  readonly rule: string
  readonly location: { readonly file: string; readonly row: number; readonly column: number }
}

async function findIn(policies: string): Promise<readonly string[]> {
  const { stdout } = await check(policies, '--json')
  const { findings } = JSON.parse(stdout) as { readonly findings: readonly Found[] }
  return findings.map(
    ({ severity, rule, location: { file, row, column } }) => `${file}:${row}:${column} ${severity} ${rule}`,
  )
}

it('finds nothing in the example policies', async () => {
  expect(await check('policies', '--strict')).toEqual({
    code: 0,
    stdout: '',
    stderr: 'apps: 5, errors: 0, warnings: 0, notes: 0\n',
  })
})

it('finds each fault at its place, in a folder with one of every kind', async () => {
  expect(await findIn(FAULTS)).toEqual([
    'always/policy.rego:6:1 warning allow-always',
    'computed/policy.rego:10:9 warning header-undeclared',
    'empty_folder:1:1 note file-unused',
    'lib/unused.rego:1:1 warning lib-unused',
    'misspelt/policy.rego:8:21 error POLICY_COMPILE_FAILED',
    'misspelt/policy.rego:10:10 error POLICY_COMPILE_FAILED',
    'mute/policy.rego:1:1 warning allow-missing',
    'narrow/policy.rego:4:19 warning path-redundant',
    'narrow/policy.rego:9:10 warning path-unreachable',
    'narrow/policy.rego:11:10 warning path-unreachable',
    'narrow/policy.rego:13:10 warning path-unreachable',
    'network/policy.rego:8:10 error POLICY_COMPILE_FAILED',
    'open/policy.rego:8:1 warning allow-by-default',
    'rows/requests.yaml:5:5 error TESTS_FAILED',
    'second/policy.rego:3:13 error ROUTE_CONFLICT',
    'syntax/policy.rego:10:1 error POLICY_COMPILE_FAILED',
    'table/data.yaml:2:1 error DATA_INVALID',
    'untested/policy_test.rego:6:2 error TESTS_FAILED',
    'wild/policy.rego:4:13 warning route-shadowed',
    'wrong_key/requests.yaml:2:18 error REQUESTS_INVALID',
    'wrong_name/policy.rego:4:1 error PACKAGE_MISMATCH',
  ])
})

describe('a folder with an error, a warning and a note', () => {
  const few = join(folder, 'few')
  const checkFew = (...words: string[]) =>
    runCommand(createCheckCommand, ['policies', ...words], { environment, folder: few })

  beforeAll(async () => {
    for (const name of ['always', 'empty_folder', 'misspelt'])
      await cp(join(FAULTS, name), join(few, 'policies', name), { recursive: true })
  })

  it('is shown to people line by line, with a caret at the place, and fails', async () => {
    const { code, stdout, stderr } = await checkFew()
    expect(code).toBe(1)
    expect(stdout).toContain(
      'misspelt/policy.rego:8:21: error: undefined ref: input.identity.role (there are: ',
    )
    expect(stdout).toContain(
      '    8 | allow if "admin" in input.identity.role\n      |                     ^\n',
    )
    expect(stderr).toMatch(/^apps: 2, errors: 2, warnings: 1, notes: 1\n/)
  })

  it('is a log of SARIF 2.1.0', async () => {
    const { stdout } = await checkFew('--format', 'sarif')
    const { version, runs } = JSON.parse(stdout)
    expect(version).toBe('2.1.0')
    expect(runs[0].results).toHaveLength(4)
    expect(runs[0].results[0]).toMatchObject({
      ruleId: 'allow-always',
      level: 'warning',
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: 'policies/always/policy.rego' },
            region: { startLine: 6, startColumn: 1 },
          },
        },
      ],
    })
  })

  it('annotates the lines of a pull request, and no text of an author begins a command of its own', async () => {
    const { stdout } = await checkFew('--format', 'github')
    const lines = stdout.trimEnd().split('\n')
    expect(lines).toHaveLength(4)
    expect(lines[0]).toMatch(
      /^::warning file=policies\/always\/policy\.rego,line=6,col=1,title=allow-always::allow is /,
    )
    expect(lines.filter((line) => !/^::(error|warning|notice) file=/.test(line))).toEqual([])
  })
})

describe('a folder', () => {
  it('fails with its warnings only where that is asked for', async () => {
    const policies = join(folder, 'open')
    await cp(join(FAULTS, 'always'), join(policies, 'always'), { recursive: true })
    expect((await check(policies)).code).toBe(0)
    expect((await check(policies, '--strict')).code).toBe(1)
  })

  it.each([
    ['is absent', 'absent'],
    ['is a file', 'package.json'],
  ])('that %s is one clear message', async (_, policies) => {
    const { code, stdout, stderr } = await check(policies)
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toContain(policies)
    expect(stderr).not.toContain('    at ')
  })

  it('without apps is fine, and says so', async () => {
    const { code, stderr } = await check(await mkdtemp(join(folder, 'empty-')))
    expect([code, stderr]).toEqual([0, 'apps: 0, errors: 0, warnings: 0, notes: 0\n'])
  })

  it('with 10 MB of Rego names the file', async () => {
    const policies = await mkdtemp(join(folder, 'large-'))
    await writeFile(join(policies, 'large.rego'), `package large\n\n${'# comment\n'.repeat(1_000_000)}`)
    expect(await findIn(policies)).toEqual(['large.rego:1:1 error POLICY_TOO_LARGE'])
  })
})

it('is used wrongly with a format that it does not know', async () => {
  expect((await check('policies', '--format', 'xml')).code).toBe(2)
})

it('checks again at every save, until it is stopped', async () => {
  const policies = join(folder, 'watched')
  await cp(join(FAULTS, 'first'), join(policies, 'first'), { recursive: true })
  const said = { stdout: '', stderr: '' }
  const stops: (() => void)[] = []
  const io: CommandIo = {
    stdout: (text) => (said.stdout += text),
    stderr: (text) => (said.stderr += text),
    logTarget: 1,
    environment,
    folder: root,
    onSignal: (_, run) => stops.push(run),
    onCrash: () => undefined,
    exit: () => undefined,
  }
  const running = runProgram(['check', policies, '--watch'], io, [createCheckCommand(io)])
  await vi.waitFor(() => expect(stops).toHaveLength(2), { timeout: 10_000 })
  await writeFile(join(policies, 'first/policy.rego'), 'package first\n\nallow if input.nothing\n')
  await vi.waitFor(() => expect(said.stdout).toContain('undefined ref: input.nothing'), { timeout: 10_000 })
  stops[0]?.()
  expect(await running).toBe(0)
})
