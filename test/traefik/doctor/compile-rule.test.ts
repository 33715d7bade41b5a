import { expect, it } from 'vitest'
import { compileRule } from '../../../src/traefik/doctor/compile-rule.ts'

it.each<readonly [string, string, string, boolean | undefined]>([
  ['Host(`a.test`)', 'a.test', '/', true],
  ['Host(`A.test`)', 'a.test', '/', true],
  ['Host("a.test")', 'b.test', '/', false],
  ['Host(`a.test`, `b.test`)', 'b.test', '/', true],
  ['Host(`a.test`) && PathPrefix(`/api`)', 'a.test', '/api/x', true],
  ['Host(`a.test`) && PathPrefix(`/api`)', 'a.test', '/', false],
  ['Host(`a.test`) || Host(`b.test`) && Path(`/x`)', 'a.test', '/y', true],
  ['(Host(`a.test`) || Host(`b.test`)) && Path(`/x`)', 'a.test', '/y', false],
  ['!Host(`a.test`)', 'b.test', '/', true],
  ['!(Host(`a.test`) || Host(`b.test`))', 'b.test', '/', false],
  ['Host(`a.test`) && Method(`GET`)', 'a.test', '/', undefined],
  ['Host(`a.test`) && !Method(`GET`)', 'b.test', '/', false],
  ['Host(`a.test`) || Headers(`X`, `y`)', 'b.test', '/', undefined],
  ['HostRegexp(`^.+\\.a\\.test$`)', 'x.a.test', '/', true],
  ['HostRegexp(`^.+\\.a\\.test$`)', 'a.test', '/', false],
  ['HostRegexp(`{sub:[a-z]+}.a.test`)', 'x.a.test', '/', undefined],
  ['HostRegexp(`(?P<x>a)`)', 'a', '/', undefined],
  ['Host(`a.test`) && Path(`/{id}`)', 'a.test', '/1', undefined],
  ['Host(`a) && (b`)', 'a) && (b', '/', true],
  ['', 'a.test', '/', undefined],
  ['Host(`a.test`', 'a.test', '/', undefined],
  ['Host(`a.test`) extra', 'a.test', '/', undefined],
  ['Host(`a.test`) & Path(`/`)', 'a.test', '/', undefined],
])('%s for %s%s: %s', (rule, host, path, expected) => {
  expect(compileRule(rule).matches(host, path)).toBe(expected)
})

it('never takes an unread rule for one that leaves an app alone', () => {
  for (const rule of ['Host(`a.test`) &&', ')(', '!', '`'.repeat(9), '('.repeat(500)]) {
    expect(compileRule(rule)).toMatchObject({ isOpen: true })
    expect(compileRule(rule).matches('a.test', '/')).toBe(undefined)
  }
})
