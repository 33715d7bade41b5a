import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { examineTraefik } from '../../../src/traefik/doctor/examine-traefik.ts'
import { type ApiDocuments, parseTraefikState } from '../../../src/traefik/doctor/parse-traefik-state.ts'
import type { ProbeResult } from '../../../src/traefik/doctor/classify-forward-auth.ts'
import type { GuardedApp } from '../../../src/traefik/guarded-app.ts'
import { makeApp } from '../guarded-apps.ts'
import { makeFind } from './make-generation.ts'

/** What the API of a real Traefik 3.7.15 answered, with the static file and the dynamic ones that stand beside it. */
const captured = JSON.parse(
  readFileSync(new URL('fixtures/traefik-3.7.15.json', import.meta.url), 'utf8'),
) as ApiDocuments

const apps = [makeApp('myapp'), makeApp('weak', { emittableNames: new Set(['x-weak']) }), makeApp('parent')]
const probes = new Map<string, ProbeResult>([
  ['http://127.0.0.1:4182/auth', { kind: 'regate', code: 'FORWARDED_HEADER_MISSING' }],
  ['http://x/', { kind: 'other' }],
])

function examine(documents: ApiDocuments = captured, guarded: readonly GuardedApp[] = apps, found = probes) {
  return examineTraefik(parseTraefikState(documents), {
    address: 'http://127.0.0.1:4182',
    probes: found,
    apps: guarded,
    find: makeFind(guarded),
    identityNames: ['X-User-ID', 'X-User-Roles'],
  })
}

const codesOf = (subject: string, result = examine()): readonly string[] =>
  result.findings
    .filter((finding) => finding.subject === subject)
    .map(({ code, severity }) => `${severity} ${code}`)

describe('of a captured Traefik', () => {
  it.each<readonly [string, readonly string[]]>([
    ['good@file', []],
    ['web-good@file', []],
    // Their chains are those of their children.
    ['parent@file', []],
    ['child@file', []],
    ['none@file', ['note ROUTER_UNGUARDED']],
    ['tohttps@file', ['note ROUTER_UNGUARDED']],
    ['chain@file', ['error REWRITTEN_FIRST']],
    ['web-chain@file', ['error REWRITTEN_FIRST']],
    ['weak@file', ['error IDENTITY_REMOVED', 'error REWRITTEN_FIRST', 'warning ERRORS_OUTSIDE']],
    ['twice@file', ['warning FORWARD_AUTH_TWICE']],
    ['badrule@file', ['error ROUTER_NOT_LOADED']],
    ['badep@file', ['error ROUTER_NOT_LOADED']],
    ['noservice@file', ['error ROUTER_NOT_LOADED']],
    ['broken@file', ['error MIDDLEWARE_NOT_LOADED']],
    ['regate@file', []],
    [
      'regate-min@file',
      [
        'error FORWARD_HEADER_TRUSTED',
        'error REQUEST_HEADERS_LIMITED',
        'warning BODY_FORWARDED',
        'warning HEADER_EXTRA',
        'warning REQUEST_METHOD_PRESERVED',
        'warning SIGN_IN_URL',
        'note RESPONSE_UNBOUNDED',
      ],
    ],
    ['web', []],
    ['bad', ['error FORWARDED_HEADERS_INSECURE', 'error IDENTITY_REMOVED', 'warning ALIAS_HEADERS_KEPT']],
    // Its balancer speaks the PROXY protocol.
    ['trust', ['warning ALIAS_HEADERS_KEPT']],
    ['Traefik 3.7.15', []],
    ['1 TCP routers', ['note TCP_ROUTERS']],
    // Traefik's own, on their own entry point.
    ['api@internal', []],
    ['dashboard@internal', []],
  ])('%s: %j', (subject, codes) => {
    expect(codesOf(subject)).toEqual(codes)
  })

  it('says with each finding what would be right, and never that what it cannot see is fine', () => {
    const { findings, notVisible } = examine()
    for (const { message, mend } of findings)
      expect(Math.min(message.length, mend.length)).toBeGreaterThan(10)
    expect(notVisible).toEqual([
      'files that Traefik refused whole: their routers are not in its API',
      'whether somebody reaches the apps without Traefik',
    ])
  })
})

describe('what cannot be seen', () => {
  it('is named: entry points that the API does not show', () => {
    const { entrypoints: _, ...hidden } = captured
    const { findings, notVisible } = examine(hidden)
    expect(notVisible.join()).toContain('aliasHeadersStrategy of the entry points: name the static file')
    expect(findings.map(({ code }) => code)).not.toContain('ALIAS_HEADERS_KEPT')
  })

  it('is named: the headers of an app of which no version serves', () => {
    const { emittableNames: _, ...unknown } = makeApp('myapp')
    expect(examine(captured, [unknown]).notVisible).toContain(
      'which headers myapp can emit: no version of it serves',
    )
  })

  it('is named: a plugin, a version that nobody released', () => {
    const documents = {
      ...captured,
      version: { Version: 'dev' },
      middlewares: captured.middlewares.map((each) =>
        Object(each).name === 'pre@file' ? { name: 'pre@file', type: 'plugin-x', provider: 'file' } : each,
      ),
    }
    expect(examine(documents).notVisible).toEqual(
      expect.arrayContaining([
        'what the middleware pre@file does to a request',
        'known faults: dev is no released version',
      ]),
    )
  })
})

describe('a ForwardAuth', () => {
  it('that reaches something else is none of Regate, whatever its path', () => {
    const result = examine(captured, apps, new Map([['http://127.0.0.1:4182/auth', { kind: 'other' }]]))
    expect(codesOf('regate@file', result)).toContain('error ADDRESS_WRONG')
  })

  it.each<readonly [ProbeResult, string]>([
    [{ kind: 'unreachable', reason: 'ECONNREFUSED' }, 'error ADDRESS_UNREACHABLE'],
    [{ kind: 'unresolved', reason: 'ENOTFOUND' }, 'warning ADDRESS_UNREACHABLE'],
  ])('that cannot be reached is said to be so: %j', (probe, expected) => {
    const result = examine(captured, apps, new Map([['http://127.0.0.1:4182/auth', probe]]))
    expect(codesOf('regate@file', result)).toContain(expected)
  })
})

it('examines a Traefik that shows nothing, or nonsense, without failing', () => {
  const nothing = { version: null, overview: 7, routers: [null, 1, {}], middlewares: ['x', { type: 3 }] }
  expect(examine(nothing).findings.map(({ code }) => code)).toEqual(['ROUTER_UNGUARDED'])
})
