import { describe, expect, it } from 'vitest'
import { openCatalogBeds, policy, until } from './catalog-bed.ts'

const openBed = await openCatalogBeds()
const HOST = 'a.example.com'
const OTHER = 'b.example.com'
const v = (app: string, host = HOST, custom = '') => policy(app, [host], `I am ${app}`, custom)
const broken = (app: string, host = HOST) => `${v(app, host)}\nallow if {`

describe('two apps that claim the same host and path', () => {
  it('the newcomer is rejected with both files; the one in service stays', async () => {
    const bed = await openBed({ 'beta/policy.rego': v('beta') })
    await bed.write('alpha/policy.rego', policy('alpha', [OTHER, HOST], 'I am alpha'))
    await bed.untilRejected('alpha', 'ROUTE_CONFLICT')
    const { lastError } = bed.status('alpha') ?? {}
    expect(lastError?.message).toMatch(/beta\/policy\.rego.*alpha\/policy\.rego/)
    expect(bed.ask(HOST)).toBe('I am beta')
    expect(bed.status('beta')).not.toHaveProperty('lastError')
    // What the newcomer claims alone opens to nobody.
    expect(bed.ask(OTHER)).toBe('closed')
  })

  it('when neither is in service yet, the lower name wins and the other is reported', async () => {
    const bed = await openBed({ 'alpha.rego': v('alpha'), 'beta.rego': v('beta') })
    expect(bed.ask(HOST)).toBe('I am alpha')
    expect(bed.status('beta')).toMatchObject({ state: 'unavailable', lastError: { code: 'ROUTE_CONFLICT' } })
  })

  it('when the lower name is broken, its host stays closed', async () => {
    const bed = await openBed({ 'alpha.rego': broken('alpha'), 'beta.rego': v('beta') })
    expect(bed.ask(HOST)).toBe('closed')
    expect(bed.status('alpha')).toMatchObject({ lastError: { code: 'POLICY_COMPILE_FAILED' } })
    expect(bed.status('beta')).toMatchObject({ lastError: { code: 'ROUTE_CONFLICT' } })
  })

  it('a broken newcomer takes nothing from the app in service', async () => {
    const bed = await openBed({ 'beta.rego': v('beta') })
    await bed.write('alpha.rego', broken('alpha'))
    await bed.untilRejected('alpha', 'POLICY_COMPILE_FAILED')
    expect(bed.ask(HOST)).toBe('I am beta')
  })

  it('an app in service that reaches for another’s host stays as it was', async () => {
    const bed = await openBed({ 'alpha.rego': v('alpha', OTHER), 'beta.rego': v('beta') })
    await bed.write('alpha.rego', policy('alpha', [OTHER, HOST], 'greedy'))
    await bed.untilRejected('alpha', 'ROUTE_CONFLICT')
    expect([bed.ask(HOST), bed.ask(OTHER)]).toEqual(['I am beta', 'I am alpha'])
    expect(bed.status('alpha')).toMatchObject({ state: 'serving-last-good', hosts: [OTHER] })
  })

  it('the other gets in by itself when the one in service lets go or goes', async () => {
    const bed = await openBed({ 'alpha.rego': v('alpha'), 'beta.rego': v('beta') })
    await bed.write('alpha.rego', v('alpha', OTHER))
    await bed.untilAsked(HOST, 'I am beta')
    await bed.write('alpha.rego', v('alpha'))
    await bed.untilRejected('alpha', 'ROUTE_CONFLICT')
    expect(bed.ask(OTHER)).toBe('I am alpha')
    await bed.remove('beta.rego')
    await bed.untilAsked(HOST, 'I am alpha')
  })

  it('may swap their hosts', async () => {
    const bed = await openBed({ 'alpha.rego': v('alpha', HOST), 'beta.rego': v('beta', OTHER) })
    await Promise.all([bed.write('alpha.rego', v('alpha', OTHER)), bed.write('beta.rego', v('beta', HOST))])
    await until(() => bed.ask(HOST) === 'I am beta' && bed.ask(OTHER) === 'I am alpha')
    await until(() => bed.catalog.status().apps.every(({ state }) => state === 'serving'))
  })

  it('do not conflict on other paths, and / and /x are two', async () => {
    const bed = await openBed({ 'alpha.rego': v('alpha'), 'beta.rego': v('beta', HOST, 'paths: [/x/]') })
    expect([bed.ask(HOST, '/'), bed.ask(HOST, '/x'), bed.ask(HOST, '/xy')]).toEqual([
      'I am alpha',
      'I am beta',
      'I am alpha',
    ])
  })
})

describe('an app', () => {
  it('that lists no hosts is reached by its name only, and covers every request there', async () => {
    const bed = await openBed({ 'alpha.rego': policy('alpha', [], 'I am alpha') })
    expect(bed.ask(HOST)).toBe('nobody')
    const app = bed.catalog.current().byName('alpha')
    expect([app?.hosts, app?.covers('any.example.com', ['x'])]).toEqual([[], true])
  })

  it('that lists paths alone covers these paths at every host', async () => {
    const bed = await openBed({ 'alpha.rego': policy('alpha', [], 'x', 'paths: [/x]') })
    const app = bed.catalog.current().byName('alpha')
    expect([app?.covers(HOST, ['x', 'y']), app?.covers(HOST, ['xy']), app?.covers(HOST, [])]).toEqual([
      true,
      false,
      false,
    ])
  })

  it('covers the hosts and paths that it lists, and no other', async () => {
    const hosts = [HOST, '*.wide.example.com']
    const bed = await openBed({ 'alpha.rego': policy('alpha', hosts, 'x', 'paths: [/x, /y]') })
    const app = bed.catalog.current().byName('alpha')
    expect(app?.covers(HOST, ['x'])).toBe(true)
    expect(app?.covers('deep.er.wide.example.com', ['y', 'z'])).toBe(true)
    expect(app?.covers('wide.example.com', ['x'])).toBe(false)
    expect(app?.covers(HOST, ['z'])).toBe(false)
    expect(app?.covers(OTHER, ['x'])).toBe(false)
  })

  it('emits the names of its policy and of its annotation; the generation knows those of all apps', async () => {
    const headers = '\nheaders["X-Named"] := "1"\n'
    const bed = await openBed({
      'alpha.rego': `${v('alpha', HOST, 'headers: [X-Computed]')}${headers}`,
      'beta.rego': `${broken('beta', OTHER)}`,
      'gamma.rego': v('gamma', 'c.example.com', 'headers: [X-Gamma]'),
    })
    const generation = bed.catalog.current()
    expect([...(generation.byName('alpha')?.emittableNames ?? [])].sort()).toEqual(['x-computed', 'x-named'])
    expect([...generation.emittableNames].sort()).toEqual(['x-computed', 'x-gamma', 'x-named'])
  })

  it('admits unusual paths only where its annotation says so', async () => {
    const custom = 'allow_encoded_slashes: true'
    const bed = await openBed({ 'alpha.rego': v('alpha', HOST, custom), 'beta.rego': v('beta', OTHER) })
    const admits = (app: string) => bed.catalog.current().byName(app)?.admits
    expect(admits('alpha')).toEqual({ emptySegments: false, encodedSlashes: true })
    expect(admits('beta')).toEqual({ emptySegments: false, encodedSlashes: false })
  })
})
