import { describe, expect, it } from 'vitest'
import type { DecisionRecord } from '../../src/decision/decision-record.ts'
import type { Denied } from '../../src/decision/decision.ts'
import type { Identity } from '../../src/decision/identity.ts'
import { createMetrics } from '../../src/observe/create-metrics.ts'
import type { Metrics } from '../../src/observe/create-metrics.ts'
import { findSample, parseExposition } from './parse-exposition.ts'
import type { Sample } from './parse-exposition.ts'

type Catalog = Parameters<Metrics['render']>[0]

const wiki = { name: 'wiki', state: 'serving', lane: 'fast' } as const
const catalog: Catalog = { activatedAt: '2026-01-02T03:04:05.500Z', apps: [wiki] }
const identity: Identity = {
  subject: 'planted-subject',
  roles: ['planted-role'],
  groups: [],
  scopes: [],
  claims: {},
  authenticatedBy: 'jwt',
}

function createBed(issuers: readonly string[] = []) {
  const metrics = createMetrics({ version: '1.2.3', issuers })
  return { metrics, scrape: (now: Catalog = catalog) => scrape(metrics, now) }
}

async function scrape(metrics: Metrics, now: Catalog): Promise<readonly Sample[]> {
  return parseExposition((await metrics.render(now)).body)
}

function toRecord(decision: DecisionRecord['decision'], durationMs = 1): DecisionRecord {
  return { id: 'planted-id', decision, status: 200, durationMs }
}

function allow(app: string, caller?: Identity): DecisionRecord {
  return toRecord({
    kind: 'allowed',
    app,
    headers: [],
    ...(caller === undefined ? {} : { identity: caller }),
  })
}

function deny(code: Denied['code'], app?: string): DecisionRecord {
  const texts = { reasons: ['planted-reason'], detail: 'planted-detail', challenges: [] }
  return toRecord({ kind: 'denied', code, status: 403, ...texts, ...(app === undefined ? {} : { app }) })
}

function decisions(samples: readonly Sample[]): readonly string[] {
  return samples
    .filter(({ name, value }) => name === 'regate_decisions_total' && value > 0)
    .map(({ labels, value }) => `${labels['app']} ${labels['outcome']} ${labels['code']} ${value}`)
    .toSorted()
}

describe('the metrics', () => {
  it('count every decision once, by app, outcome and code', async () => {
    const { metrics, scrape: read } = createBed()
    const records = [
      allow('wiki'),
      allow('wiki', identity),
      allow('wiki', identity),
      deny('POLICY_DENIED', 'wiki'),
      deny('APP_UNKNOWN'),
      deny('FORWARDED_HOST_INVALID'),
    ]
    for (const record of records) metrics.countDecision(record)
    const expected = [
      ' deny APP_UNKNOWN 1',
      ' deny FORWARDED_HOST_INVALID 1',
      'wiki allow anonymous 1',
      'wiki allow identified 2',
      'wiki deny POLICY_DENIED 1',
    ]
    expect(decisions(await read())).toEqual(expected)
    expect(decisions(await read())).toEqual(expected)
  })

  it('let failures stand at 0 before the first, so that a rate sees it', async () => {
    const { scrape: read } = createBed()
    const labels = { app: 'wiki', outcome: 'deny', code: 'EVALUATION_FAILED' }
    expect(findSample(await read(), 'regate_decisions_total', labels)).toBe(0)
  })

  it('sort durations into buckets of seconds, from 100 µs up', async () => {
    const { metrics, scrape: read } = createBed()
    for (const durationMs of [0, 0.1, 0.2, 3, 60_000]) metrics.countDecision({ ...allow('wiki'), durationMs })
    const samples = await read()
    const bucket = (le: string) => findSample(samples, 'regate_decision_duration_seconds_bucket', { le })
    expect([bucket('0.0001'), bucket('0.00025'), bucket('0.005'), bucket('10'), bucket('+Inf')]).toEqual([
      2, 3, 4, 4, 5,
    ])
    expect(findSample(samples, 'regate_decision_duration_seconds_sum')).toBeCloseTo(60.0033)
    expect(findSample(samples, 'regate_decision_duration_seconds_count')).toBe(5)
  })

  it('hold every duration at each scrape, however many came since the last', async () => {
    const { metrics, scrape: read } = createBed()
    for (const total of [1, 256, 257, 1000]) {
      const before = findSample(await read(), 'regate_decision_duration_seconds_count') ?? 0
      for (let count = before; count < total; count += 1) metrics.countDecision(allow('wiki'))
      expect(findSample(await read(), 'regate_decision_duration_seconds_count')).toBe(total)
    }
  })

  it('show apps as the catalog has them at the scrape', async () => {
    const { scrape: read } = createBed()
    const none = await read({ apps: [] })
    expect(findSample(none, 'regate_apps', { state: 'serving' })).toBe(0)
    expect(findSample(none, 'regate_last_reload_timestamp_seconds')).toBe(0)
    const samples = await read({
      ...catalog,
      apps: [
        wiki,
        { name: 'slow_one', state: 'serving-last-good', lane: 'slow' },
        { name: 'broken', state: 'unavailable' },
      ],
    })
    const lane = (app: string) =>
      ['fast', 'slow'].map((each) => findSample(samples, 'regate_app_lane', { app, lane: each }))
    expect([lane('wiki'), lane('slow_one'), lane('broken')]).toEqual([
      [1, 0],
      [0, 1],
      [undefined, undefined],
    ])
    for (const state of ['serving', 'serving-last-good', 'unavailable'])
      expect(findSample(samples, 'regate_apps', { state })).toBe(1)
    expect(findSample(samples, 'regate_last_reload_timestamp_seconds')).toBe(1_767_323_045.5)
  })

  it('count what became of edits, and failures of keys and files, from 0 on', async () => {
    const issuer = 'https://id.example.com'
    const { metrics, scrape: read } = createBed([issuer])
    const counts = (samples: readonly Sample[]) => [
      ...['activated', 'rejected', 'recovered', 'removed', 'failed'].map((result) =>
        findSample(samples, 'regate_policy_reloads_total', { result }),
      ),
      findSample(samples, 'regate_keys_fetch_failures_total', { issuer }),
      findSample(samples, 'regate_caller_file_failures_total'),
    ]
    expect(counts(await read())).toEqual([0, 0, 0, 0, 0, 0, 0])
    for (const kind of [
      'activated',
      'activated',
      'rejected',
      'recovered',
      'look-failed',
      'reloaded',
    ] as const)
      metrics.countEvent({ kind })
    metrics.countEvent({ kind: 'removed', app: 'wiki' })
    metrics.countEvent({ kind: 'keys-failed', keptOld: true, issuer })
    metrics.countEvent({ kind: 'file-failed' })
    expect(counts(await read())).toEqual([2, 1, 1, 1, 1, 1, 1])
  })

  it('tell of each issuer whether old keys stand in for newer ones', async () => {
    const issuer = 'https://id.example.com'
    const { metrics, scrape: read } = createBed([issuer])
    const isStale = async () => findSample(await read(), 'regate_keys_stale', { issuer })
    expect(await isStale()).toBe(0)
    metrics.countEvent({ kind: 'keys-failed', keptOld: true, issuer })
    expect(await isStale()).toBe(1)
    metrics.countEvent({ kind: 'keys-recovered', issuer })
    expect(await isStale()).toBe(0)
    metrics.countEvent({ kind: 'keys-failed', keptOld: true, issuer })
    metrics.countEvent({ kind: 'keys-changed', issuer })
    expect(await isStale()).toBe(0)
    metrics.countEvent({ kind: 'keys-failed', keptOld: false, issuer })
    expect(await isStale()).toBe(0)
  })

  it('tell the version, and of the process: memory, event loop, start', async () => {
    const samples = await createBed().scrape()
    expect(findSample(samples, 'regate_build_info', { version: '1.2.3' })).toBe(1)
    expect(findSample(samples, 'process_resident_memory_bytes')).toBeGreaterThan(0)
    expect(findSample(samples, 'process_start_time_seconds')).toBeGreaterThan(0)
    expect(samples.map(({ name }) => name)).toContain('nodejs_eventloop_lag_p99_seconds')
  })

  it('are text of version 0.0.4, and apart from those of another instance', async () => {
    const { metrics } = createBed()
    const { scrape: readOther } = createBed()
    metrics.countDecision(allow('wiki'))
    expect((await metrics.render(catalog)).type).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(decisions(await readOther())).toEqual([])
  })

  it('are whole for two scrapes at once', async () => {
    const { metrics, scrape: read } = createBed()
    metrics.countDecision(allow('wiki'))
    const both = await Promise.all([read(), read({ apps: [] })])
    expect(both.map(decisions)).toEqual([['wiki allow anonymous 1'], []])
  })
})

describe('series', () => {
  const mentions = (samples: readonly Sample[], app: string) =>
    samples.filter(({ labels }) => labels['app'] === app).length

  it('of a removed app go with it, also where a request in flight is counted later', async () => {
    const { metrics, scrape: read } = createBed()
    metrics.countDecision(allow('wiki'))
    expect(mentions(await read(), 'wiki')).toBeGreaterThan(0)
    metrics.countEvent({ kind: 'removed', app: 'wiki' })
    metrics.countDecision(allow('wiki'))
    expect(mentions(await read({ apps: [] }), 'wiki')).toBe(0)
    expect(decisions(await read())).toEqual([])
  })

  it('do not add up while apps come and go', async () => {
    const { metrics, scrape: read } = createBed()
    const before = (await read({ apps: [] })).length
    for (let index = 0; index < 100; index += 1) {
      const app = `app_${index}`
      metrics.countDecision(allow(app))
      if (index % 10 === 0) await read({ apps: [{ name: app, state: 'serving', lane: 'fast' }] })
      metrics.countEvent({ kind: 'removed', app })
    }
    expect(await read({ apps: [] })).toHaveLength(before)
  })

  it('hold nothing of a request, an identity or a policy', async () => {
    const { metrics } = createBed(['https://user:planted-password@id.example.com/?key=planted-key'])
    metrics.countDecision(allow('wiki', identity))
    metrics.countDecision(deny('TOKEN_UNKNOWN', 'wiki'))
    metrics.countEvent({
      kind: 'keys-failed',
      keptOld: true,
      issuer: 'https://user:planted-password@id.example.com',
    })
    expect((await metrics.render(catalog)).body).not.toContain('planted')
  })

  it('stay on a line of their own whatever a folder is called', async () => {
    const { metrics, scrape: read } = createBed()
    const names = [
      'a"} 1\nregate_apps{state="x',
      '\\',
      '__proto__',
      'constructor',
      'ä\u2028\r',
      'a",outcome="allow',
    ]
    for (const name of names) metrics.countDecision(deny('APP_UNAVAILABLE', name))
    const apps = names.map((name) => ({ name, state: 'unavailable', lane: 'slow' }) as const)
    const samples = await read({ apps })
    expect(decisions(samples)).toEqual(names.map((name) => `${name} deny APP_UNAVAILABLE 1`).toSorted())
    for (const app of names) expect(findSample(samples, 'regate_app_lane', { app, lane: 'slow' })).toBe(1)
    expect(findSample(samples, 'regate_apps', { state: 'unavailable' })).toBe(names.length)
  })
})
