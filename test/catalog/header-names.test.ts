import { expect, it } from 'vitest'
import { certainHeaderNames } from '../../src/catalog/certain-header-names.ts'
import { emittableNames } from '../../src/catalog/header-names.ts'
import { openCompilerBed } from '../engine/compiler-bed.ts'
import { checkApps, readApp } from './read-apps.ts'

const bed = await openCompilerBed()

async function emittable(body: string, lib: Readonly<Record<string, string>> = {}) {
  return (await bed.compile(`package grafana\n\n${body}\n`, { lib })).emittable
}

type Row = readonly [what: string, body: string, names: readonly string[]]

const EMITTABLE: readonly Row[] = [
  ['a key of the rule', 'headers["X-WEBAUTH-USER"] := input.identity.subject', ['x-webauth-user']],
  ['keys of an object', 'headers := {"X-B": "b", "x-a": "a"}', ['x-a', 'x-b']],
  [
    'an object under a condition',
    'headers := {"X-A": "a"} if input.identity\nelse := {"X-B": "b"}',
    ['x-a', 'x-b'],
  ],
  ['names in a list', 'headers[name] := "1" if some name in ["X-A", "X-B"]', ['x-a', 'x-b']],
  ['a comprehension', 'headers := {name: "1" | some name in {"X-A", "X-B"}}', ['x-a', 'x-b']],
  ['a name in a variable', 'headers[name] := "1" if {\n\tname := "X-A"\n}', ['x-a']],
  ['a helper rule', 'extra["X-A"] := "1"\n\nheaders := extra', ['x-a']],
  ['a helper function', 'f(x) := {"X-A": x}\n\nheaders := f("Value")', ['value', 'x-a']],
  ['a list as value', 'headers["X-Groups"] := ["Accept", "Cookie"]', ['x-groups']],
]

it.each(EMITTABLE)('finds the names in %s', async (_, body, names) => {
  expect(emittableNames(await readApp(body, bed.compiler))).toEqual(names)
})

it('finds the names of the OPA-Envoy object', async () => {
  const body = `allow := {
	"allowed": true,
	"headers": {"X-A": "a"},
	"response_headers_to_add": {"X-B": "b"},
	"request_headers_to_remove": ["X-C", "X-D"],
}`
  expect(await emittable(body)).toEqual(
    [
      'allowed',
      'headers',

      'response_headers_to_add',
      'x-a',
      'x-b',
      'x-c',
      'x-d',
    ].toSorted(),
  )
})

it('finds the names in shared code that is compiled in, and in no other', async () => {
  const lib = {
    'lib/out.rego': 'package lib.out\n\nextra := {"X-Lib": "1"}\n',
    'lib/other.rego': 'package lib.other\n\nextra := {"X-Other": "1"}\n',
  }
  expect(await emittable('headers := data.lib.out.extra', lib)).toEqual(['x-lib'])
})

it('does not take a header that is read for one that is sent, nor a value for a name', async () => {
  const body =
    'headers["X-A"] := input.request.headers["accept-language"][0]\n\nheaders["X-Role"] := "Admin" if "admins" in input.identity.groups'
  expect(await emittable(body)).toEqual(['x-a', 'x-role'])
})

it('does not take the keys of other rules for names', async () => {
  const body = `headers["X-A"] := label

label := names["a"]

names := {"a": "A"}

challenge := {"scope": "read"}

table := {"X-Unused": "1"}`
  expect(await emittable(body)).toEqual(['a', 'x-a'])
})

it('takes no name from the conditions of a rule whose value is fixed, so that a policy can deny by header names', async () => {
  const body = `headers["X-A"] := "a" if not is_blocked

allow if not is_blocked
else := {"allowed": true, "headers": {"X-B": "b"}} if input.identity

is_blocked if {
	some name, _ in blocked
	input.request.headers[name]
}

is_blocked if {"x-inline": true}[input.request.method]

blocked := {"x-debug": 1}`
  expect(await emittable(body)).toEqual(['allowed', 'headers', 'x-a', 'x-b'])
})

it('follows a rule through shared code, under whatever name it is imported', async () => {
  const lib = {
    'lib/out.rego': 'package lib.out\n\nmake(_) := base\n\nbase := {"X-Lib": "1"}\n',
  }
  expect(await emittable('import data.lib.out as o\n\nheaders := o.make("v")', lib)).toEqual(['v', 'x-lib'])
})

it('leaves out what can be no header name', async () => {
  expect(
    await emittable(
      'headers := {"": "1", "a b": "2", "é": "3", "a:b": "4", "a\\n": "5", "X!#$%&\'*+.^_`|~1": "6"}',
    ),
  ).toEqual(["x!#$%&'*+.^_`|~1"])
})

const CERTAIN: readonly Row[] = [
  ['a key of the rule', 'headers["X-A"] := "1"', ['x-a']],
  ['keys of its value', 'headers := {"X-A": "1"} if input.identity\nelse := {"X-B": "1"}', ['x-a', 'x-b']],
  [
    'the OPA-Envoy object',
    'allow := {"allowed": true, "headers": {"X-A": "1"}}',
    ['allowed', 'headers', 'x-a'],
  ],
  ['no name that is computed', 'headers[name] := "1" if some name in ["X-A"]', []],
  ['no key of another rule', 'names := {"x-debug": "X-A"}\n\nheaders[names["x-debug"]] := "1"', []],
]

it.each(CERTAIN)('is certain of %s', async (_, body, names) => {
  expect(certainHeaderNames(await readApp(body, bed.compiler))).toEqual(names)
})

it('keeps what is certain with the module', async () => {
  expect((await bed.compile('package grafana\n\nheaders["X-A"] := "1"\n')).certain).toEqual(['x-a'])
})

it('knows this of policies alone that pass the strict check', async () => {
  const bodies = [...EMITTABLE, ...CERTAIN].map(([, body]) => body)
  expect(await checkApps(bodies, bed.compiler)).toBeUndefined()
})
