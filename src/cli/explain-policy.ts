import { isDeepStrictEqual } from 'node:util'
import type { PreparedCompiler } from '../catalog/prepare-compiler.ts'
import { openTracedApp, type TracedApp } from '../catalog/open-traced-app.ts'
import { createScan } from '../catalog/scan.ts'
import { selectLib } from '../catalog/select-lib.ts'
import { createToWantedApps, type WantedApp } from '../catalog/wanted-app.ts'
import { RegateError } from '../errors.ts'
import type { ExplainedPolicy } from './explain-document.ts'
import { explainLines } from './explain-lines.ts'
import type { Evaluation } from './explain-watch.ts'

interface PolicyOptions {
  /** The policies folder. */
  readonly folder: string
  readonly compiler: () => Promise<PreparedCompiler>
}

/**
 * Makes the second look at a policy: its sources with the lines that held and the conditions that did not. What cannot be looked
 * at is said in `note`; it never changes what was decided. An app is instrumented once.
 */
export function createPolicyTracer({
  folder,
  compiler,
}: PolicyOptions): (evaluation: Evaluation) => Promise<ExplainedPolicy> {
  const scan = createScan(folder)
  let wanted: Promise<readonly WantedApp[]> | undefined
  const traced = new Map<string, Promise<TracedApp>>()

  async function find(name: string): Promise<WantedApp | undefined> {
    wanted ??= scan({ everything: true }).then(createToWantedApps())
    return (await wanted).find((app) => app.name === name)
  }

  function open(app: WantedApp): Promise<TracedApp> {
    const known =
      traced.get(app.name) ?? compiler().then(async (ready) => openTracedApp(app, { compiler: ready }))
    traced.set(app.name, known)
    return known
  }

  return async (evaluation) => {
    const { app: name, input, result, failure } = evaluation
    const shared = {
      app: name,
      input: JSON.parse(input) as unknown,
      printed: [],
      ...(result === undefined ? {} : { result }),
    }
    const app = await find(name)
    if (app === undefined || app.files.length === 0)
      return { ...shared, files: [], note: 'the policy is compiled: there are no lines to show' }
    try {
      const { files, note } = trace(app, await open(app), evaluation)
      return { ...shared, files, ...(note === undefined ? {} : { note }) }
    } catch (error) {
      if (!(error instanceof RegateError)) throw error
      return { ...shared, files: [], note: failure ?? `the lines cannot be marked: ${error.message}` }
    }
  }
}

function trace(
  app: WantedApp,
  { markers, createTrace, evaluate }: TracedApp,
  { input, result, failure }: Evaluation,
): Pick<ExplainedPolicy, 'files' | 'note'> {
  const marks = createTrace()
  const again = attempt(() => evaluate(input, marks))
  const files = explainLines({ files: app.files, lib: selectLib(app.files, app.lib) }, markers, marks)
  if (failure !== undefined) return { files, note: failure }
  if (isDeepStrictEqual(again, { result })) return { files }
  const note =
    'the marks are of a second evaluation, and it came to another result: does the policy read the clock?'
  return { files, note }
}

/** How far a failed evaluation got is worth showing too. */
function attempt(run: () => unknown): { readonly result: unknown } | undefined {
  try {
    return { result: run() }
  } catch (error) {
    if (error instanceof RegateError) return undefined
    throw error
  }
}
