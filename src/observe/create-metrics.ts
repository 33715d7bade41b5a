import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { DecisionRecord } from '../decision/decision-record.ts'
import { createAppGauges } from './create-app-gauges.ts'
import type { ObservedCatalog } from './create-app-gauges.ts'
import { createDecisionCounts } from './create-decision-counts.ts'
import { createEventCounts } from './create-event-counts.ts'
import type { CountedEvent } from './create-event-counts.ts'

export interface MetricsOptions {
  readonly version: string
  /** The issuers of the configuration. */
  readonly issuers: readonly string[]
}

export interface Metrics {
  readonly countDecision: (record: DecisionRecord) => void
  readonly countEvent: (event: CountedEvent) => void
  /** What a scrape is answered: the text exposition format of Prometheus, 0.0.4. */
  readonly render: (catalog: ObservedCatalog) => Promise<{ readonly type: string; readonly body: string }>
}

/**
 * Counts decisions and events, and tells of the process. Labels are error codes, words of closed sets, issuers of the
 * configuration and names of the catalog's apps, never anything that a request holds; the series of a removed app go with it.
 */
export function createMetrics({ version, issuers }: MetricsOptions): Metrics {
  const registry = new Registry()
  setBuildInfo(registry, version)
  const decisions = createDecisionCounts(registry)
  const countEvent = createEventCounts(registry, issuers)
  const showCatalog = createAppGauges(registry)
  collectDefaultMetrics({ register: registry })
  return {
    countDecision: decisions.count,
    countEvent(event) {
      if (event.kind === 'removed') decisions.forget(event.app)
      countEvent(event)
    },
    async render(catalog) {
      decisions.refresh(new Set(catalog.apps.map(({ name }) => name)))
      showCatalog(catalog)
      return { type: registry.contentType, body: await registry.metrics() }
    },
  }
}

function setBuildInfo(registry: Registry, version: string): void {
  const gauge = new Gauge({
    name: 'regate_build_info',
    help: 'Always 1; the version is its label.',
    labelNames: ['version'],
    registers: [registry],
  })
  gauge.set({ version }, 1)
}
