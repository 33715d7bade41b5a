import type { AppRecord } from './app-record.ts'

/** The routes that nobody may take while it is not known what some app guards. */
export interface Quarantine {
  /** The apps that cannot be read, by name. Empty: every route is open. */
  readonly causes: readonly string[]
  readonly closes: (host: string) => boolean
}

/**
 * An app whose annotation cannot be read, and of which nothing is remembered, may guard any host. Until it can be read or is
 * gone, what only a wildcard covers is closed, and so are the hosts that it seems to name, whose paths another app may share.
 */
export function findQuarantine(records: Iterable<AppRecord>): Quarantine {
  const unread = [...records].filter(({ isUnread }) => isUnread)
  const named = new Set(unread.flatMap(({ annotation }) => annotation.hosts))
  return {
    causes: unread.map(({ name }) => name),
    closes: (host) => unread.length > 0 && (host.startsWith('*') || named.has(host)),
  }
}
