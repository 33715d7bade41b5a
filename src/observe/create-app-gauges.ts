import { Gauge } from 'prom-client'
import type { Registry } from 'prom-client'

/** What is in service, as far as it is measured. */
export interface ObservedCatalog {
  /** ISO 8601; absent before anything is in service. */
  readonly activatedAt?: string
  readonly apps: readonly ObservedApp[]
}

interface ObservedApp {
  readonly name: string
  readonly state: (typeof STATES)[number]
  /** Absent where no version is in service. */
  readonly lane?: (typeof LANES)[number]
}

const STATES = ['serving', 'serving-last-good', 'unavailable'] as const
const LANES = ['fast', 'slow'] as const

/** Gauges that become what the catalog says when they are refreshed; nothing stays of an app that is gone. */
export function createAppGauges(registry: Registry): (catalog: ObservedCatalog) => void {
  const { states, lanes, lastReload } = createSeries(registry)
  return ({ apps, activatedAt }) => {
    for (const state of STATES) states.set({ state }, apps.filter((app) => app.state === state).length)
    lanes.reset()
    for (const { name, lane } of apps) {
      if (lane === undefined) continue
      for (const each of LANES) lanes.set({ app: name, lane: each }, each === lane ? 1 : 0)
    }
    lastReload.set(activatedAt === undefined ? 0 : Date.parse(activatedAt) / 1000)
  }
}

function createSeries(registry: Registry) {
  const registers = [registry]
  return {
    states: new Gauge({
      name: 'regate_apps',
      help: 'Apps by state: serving, serving-last-good (the version on disk is not in service), unavailable (there never was a good one).',
      labelNames: ['state'],
      registers,
    }),
    lanes: new Gauge({
      name: 'regate_app_lane',
      help: '1 for the lane in which an app is evaluated: fast, or slow (in a process of its own).',
      labelNames: ['app', 'lane'],
      registers,
    }),
    lastReload: new Gauge({
      name: 'regate_last_reload_timestamp_seconds',
      help: 'When the last change of the policies was taken up, in seconds since the epoch; 0 before the first.',
      registers,
    }),
  }
}
