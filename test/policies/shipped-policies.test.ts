import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { findCompiler } from '../../src/catalog/find-compiler.ts'

const root = join(import.meta.dirname, '../..')
const policies = join(root, 'policies')
const apps = readdirSync(policies).filter((name) => name !== 'lib')

let compiler: string

beforeAll(async () => {
  const environmentPath = process.env['PATH'] ?? ''
  const found = await findCompiler({
    configuredPath: process.env['REGATE_OPA'],
    environmentPath,
    cacheFolder: join(root, '.regate/cache'),
  })
  compiler = found.path
})

function opa(...words: readonly string[]): string {
  return execFileSync(compiler, words, { cwd: root, encoding: 'utf8' })
}

describe('the shipped policies', () => {
  it('are at least five apps', () => {
    expect(apps.length).toBeGreaterThanOrEqual(5)
  })

  it('are formatted', () => {
    expect(opa('fmt', '--list', 'policies')).toBe('')
  })

  it('pass the strict check against the schema of the input document', () => {
    const schema = 'src/catalog/input-schema.json'
    expect(() =>
      opa('check', '--strict', '--schema', schema, '--ignore', '*_test.rego', 'policies'),
    ).not.toThrow()
  })

  it('pass their own tests, and every package has some', () => {
    const results: readonly { package: string; fail?: boolean; skip?: boolean }[] = JSON.parse(
      opa('test', '--format', 'json', 'policies'),
    )
    expect(results.filter(({ fail, skip }) => fail === true || skip === true)).toEqual([])
    const tested = new Set(results.map((result) => result.package))
    const expected = [...apps, ...libraries()].map((name) => `data.${name}_test`)
    expect([...tested].toSorted()).toEqual(expected.toSorted())
  })

  it.each(apps)('%s says what it is and what it guards', (app) => {
    const { annotations }: { annotations: readonly { annotations: Annotation }[] } = JSON.parse(
      opa('inspect', '--annotations', '--format', 'json', `policies/${app}/policy.rego`),
    )
    const [first] = annotations
    expect(first?.annotations).toMatchObject({ scope: 'package', title: expect.any(String) })
    expect(first?.annotations.custom?.hosts).not.toEqual([])
  })

  it('admit the demo user to myapp, grafana and site, and refuse it at api and tenants', () => {
    expect(
      allowed({ identity: { subject: 'user-abc', roles: ['admin', 'user'], groups: [], scopes: [] } }),
    ).toEqual({
      myapp: true,
      grafana: true,
      site: true,
      api: false,
      tenants: false,
    })
  })

  it('admit an anonymous caller to nothing but the public part of site', () => {
    const nothing = { myapp: false, grafana: false, site: false, api: false, tenants: false }
    expect(allowed({})).toEqual({ ...nothing, site: true })
    expect(allowed({}, ['admin'])).toEqual(nothing)
  })
})

interface Annotation {
  readonly custom?: { readonly hosts?: readonly string[] }
}

function libraries(): readonly string[] {
  const files = readdirSync(join(policies, 'lib')).filter((file) => !file.endsWith('_test.rego'))
  return files.map((file) => `lib.${file.replace('.rego', '')}`)
}

function allowed(caller: object, segments: readonly string[] = []): unknown {
  const input = {
    request: { method: 'GET', host: 'acme.tenants.example.com', path_segments: segments },
    ...caller,
  }
  const query = `{${apps.map((app) => `"${app}": data.${app}.allow`).join(',')}}`
  const output = execFileSync(
    compiler,
    ['eval', '--data', 'policies', '--stdin-input', '--format', 'raw', query],
    {
      cwd: root,
      encoding: 'utf8',
      input: JSON.stringify(input),
    },
  )
  return JSON.parse(output)
}
