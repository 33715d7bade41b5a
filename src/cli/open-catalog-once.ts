import { createCatalog } from '../catalog/catalog.ts'
import type { CatalogEvent } from '../catalog/catalog-event.ts'
import type { CatalogStatus } from '../catalog/catalog-status.ts'
import type { RequestTester } from '../catalog/request-tester.ts'
import { toCompilerSource } from '../catalog/to-compiler-source.ts'
import type { Config } from '../config/to-config.ts'
import type { Generation } from '../decision/ports.ts'

export interface OpenCatalog {
  /** Can be evaluated until `close`. */
  readonly generation: Generation
  readonly status: CatalogStatus
  readonly close: () => Promise<void>
}

interface CatalogTools {
  /** The value of `PATH`, where the compiler is looked for. */
  readonly environmentPath: string
  /** Runs request tables, which keep a version out of service where they fail. Default: they are not run. */
  readonly requestTester?: RequestTester
  /** Told of what happens while the folder is loaded. Default: nobody is. */
  readonly onEvent?: (event: CatalogEvent) => void
}

/**
 * Loads the policies folder as `serve` does, once: edits after that are not followed. An app that is broken is in `status`
 * with its error. Rejects with `POLICIES_UNREADABLE`, `POLICY_TOO_LARGE`, or what finding the compiler throws.
 */
export async function openCatalogOnce(
  {
    policies,
    gate,
    cache,
    compiler,
    limits,
  }: Pick<Config, 'policies' | 'gate' | 'cache' | 'compiler' | 'limits'>,
  { environmentPath, requestTester, onEvent = () => undefined }: CatalogTools,
): Promise<OpenCatalog> {
  const catalog = createCatalog(
    {
      folder: policies,
      cacheFolder: cache,
      gate,
      evaluationMs: limits.evaluationMs,
      compiler: toCompilerSource({ ...compiler, environmentPath, cacheFolder: cache }),
      ...(requestTester === undefined ? {} : { requestTester }),
      followsEdits: false,
    },
    { now: Date.now, onEvent },
  )
  try {
    await catalog.start()
  } catch (error) {
    await catalog.close()
    throw error
  }
  return { generation: catalog.current(), status: catalog.status(), close: catalog.close }
}
