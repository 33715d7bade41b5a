import { watch as watchPaths } from 'chokidar'

interface WatchOptions {
  readonly folder: string
  /** Ask the file system in turns instead of waiting for its events: for network mounts. */
  readonly usePolling: boolean
  /** Something below the folder, or the folder itself, may have changed. */
  readonly onNotice: () => void
  /** Events may be missed from now on. */
  readonly onFailed: (message: string) => void
}

export interface Watch {
  /** Resolves when every change from now on is noticed. */
  readonly ready: Promise<void>
  readonly close: () => Promise<void>
}

const POLLING_INTERVAL_MS = 100

/**
 * Watches a folder, following symbolic links, also through a folder that vanishes and comes back. An event says no more than
 * "look again": what changed is found by looking. `..data` is watched, because a Kubernetes mount changes by that link alone.
 */
export function createWatch({ folder, usePolling, onNotice, onFailed }: WatchOptions): Watch {
  const watcher = watchPaths(folder, {
    ignoreInitial: true,
    atomic: false,
    ignorePermissionErrors: true,
    ignored: (path) => /[/\\](\.git|node_modules)$/.test(path),
    ...(usePolling ? { backend: 'polling', pollingInterval: POLLING_INTERVAL_MS } : {}),
  })
  watcher.on('all', onNotice)
  // Also what chokidar makes nothing of, such as a link that leads nowhere
  watcher.on('raw', onNotice)
  watcher.on('error', (error) => onFailed(error instanceof Error ? error.message : String(error)))
  const ready = new Promise<void>((resolve) => watcher.once('ready', resolve))
  return { ready, close: () => watcher.close() }
}
