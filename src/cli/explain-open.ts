import type { Impersonate } from '../auth/create-impersonator.ts'
import { createAuthenticator } from '../auth/create-authenticator.ts'
import type { TokenCheck } from '../auth/verify-token.ts'
import type { CatalogStatus } from '../catalog/catalog-status.ts'
import { toCompilerSource } from '../catalog/to-compiler-source.ts'
import type { Config } from '../config/to-config.ts'
import type { Generation } from '../decision/ports.ts'
import { createExplainer, type Explain } from './explain-chain.ts'
import { createPolicyTracer } from './explain-policy.ts'
import { openRequestTester } from './open-request-tester.ts'
import { openCatalogOnce } from './open-catalog-once.ts'

export interface OpenExplainer {
  /** One request after the other. */
  readonly explain: Explain
  readonly impersonate: Impersonate
  readonly generation: Generation
  readonly apps: CatalogStatus['apps']
  readonly close: () => Promise<void>
}

interface ExplainerTools {
  /** The value of `PATH`, where the compiler is looked for. */
  readonly environmentPath: string
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/**
 * Opens what a request passes through, as `serve` does, but for no listener. Rejects with `CONFIG_INVALID`, and what loading the
 * policies throws; nothing stays open then.
 */
export async function openExplainer(
  config: Config,
  { environmentPath, now }: ExplainerTools,
): Promise<OpenExplainer> {
  const { authentication, compiler, cache, policies } = config
  await using stack = new AsyncDisposableStack()
  const checks: TokenCheck[] = []
  const authenticator = await createAuthenticator(authentication, {
    now,
    fetch: globalThis.fetch,
    onEvent: () => undefined,
    onPassed: (check) => checks.push(check),
  })
  stack.defer(authenticator.close)
  const requestTester = await openRequestTester(config, now)
  const catalog = await openCatalogOnce(config, { environmentPath, requestTester })
  stack.defer(catalog.close)
  const { generation, status } = catalog
  const findCompiler = toCompilerSource({ ...compiler, environmentPath, cacheFolder: cache })
  const explain = createExplainer({
    config,
    generation,
    apps: status.apps,
    authenticate: authenticator.authenticate,
    takeChecks: () => checks.splice(0),
    tracePolicy: createPolicyTracer({ folder: policies, compiler: findCompiler }),
  })
  const opened = stack.move()
  return {
    explain,
    impersonate: authenticator.impersonate,
    generation,
    apps: status.apps,
    close: () => opened.disposeAsync(),
  }
}
