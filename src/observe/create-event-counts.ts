import { Counter, Gauge } from 'prom-client'
import type { Registry } from 'prom-client'
import type { LoggedEvent } from './log-event.ts'
import { redactText } from './redact.ts'

/** What rooms report beside the requests, with the fields that are counted by. */
export type CountedEvent =
  | { readonly kind: 'removed'; readonly app: string }
  | { readonly kind: 'keys-failed'; readonly issuer: string; readonly keptOld: boolean }
  | { readonly kind: 'keys-changed' | 'keys-recovered'; readonly issuer: string }
  | Extract<LoggedEvent, { readonly kind: 'tested' }>
  | { readonly kind: Exclude<LoggedEvent['kind'], 'removed' | 'tested' | `keys-${string}`> }

/** Events that say what became of an edit → the value of the label. */
const RELOAD_RESULTS: { readonly [Kind in LoggedEvent['kind']]?: string } = {
  activated: 'activated',
  rejected: 'rejected',
  recovered: 'recovered',
  removed: 'removed',
  'look-failed': 'failed',
}

/** Counts what became of edits, and what callers could not be judged by. Every series is there from the start, as 0. */
export function createEventCounts(
  registry: Registry,
  issuers: readonly string[],
): (event: CountedEvent) => void {
  const { reloads, keyFailures, staleKeys, fileFailures } = createSeries(registry)
  for (const result of Object.values(RELOAD_RESULTS)) reloads.inc({ result }, 0)
  for (const name of issuers) {
    const issuer = redactText(name)
    keyFailures.inc({ issuer }, 0)
    staleKeys.set({ issuer }, 0)
  }
  return (event) => {
    const result = RELOAD_RESULTS[event.kind]
    if (result !== undefined) reloads.inc({ result })
    if (isOfKeys(event)) {
      const issuer = redactText(event.issuer)
      if (event.kind === 'keys-failed') keyFailures.inc({ issuer })
      staleKeys.set({ issuer }, event.kind === 'keys-failed' && event.keptOld ? 1 : 0)
    }
    if (event.kind === 'file-failed') fileFailures.inc()
  }
}

type KeyEvent = Extract<CountedEvent, { readonly issuer: string }>

function isOfKeys(event: CountedEvent): event is KeyEvent {
  return event.kind === 'keys-failed' || event.kind === 'keys-changed' || event.kind === 'keys-recovered'
}

function createSeries(registry: Registry) {
  const registers = [registry]
  return {
    reloads: new Counter({
      name: 'regate_policy_reloads_total',
      help: 'Edits by what became of them: an app was activated, rejected, recovered (taken back) or removed; or reading the folder failed.',
      labelNames: ['result'],
      registers,
    }),
    keyFailures: new Counter({
      name: 'regate_keys_fetch_failures_total',
      help: "Failed fetches of an issuer's keys.",
      labelNames: ['issuer'],
      registers,
    }),
    staleKeys: new Gauge({
      name: 'regate_keys_stale',
      help: "1 while an issuer's old keys are in use because they could not be fetched again, else 0.",
      labelNames: ['issuer'],
      registers,
    }),
    fileFailures: new Counter({
      name: 'regate_caller_file_failures_total',
      help: 'Edits of a file of keys, tokens, passwords or users that could not be used.',
      registers,
    }),
  }
}
