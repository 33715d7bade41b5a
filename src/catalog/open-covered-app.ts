import { createResultReader } from '../engine/create-result-reader.ts'
import { openModule } from '../engine/open-module.ts'
import type { OpenPolicy } from '../engine/open-policy.ts'
import { toJsonText } from '../engine/to-json-text.ts'
import { buildEntrypoints, toEntrypoint } from './compile-tests.ts'
import { entryModule } from './entry-module.ts'
import { instrumentApp } from './instrument.ts'
import type { PreparedCompiler } from './prepare-compiler.ts'
import type { TestedSources } from './run-tests.ts'
import { selectLib } from './select-lib.ts'
import { placeFile, withStagedApp } from './stage-app.ts'
import { createTrace, type Marker } from './trace.ts'

/** A version of an app, or `lib`, whose evaluations tell which lines they reach. It never serves. */
export interface CoveredApp {
  readonly markers: readonly Marker[]
  /** Of one evaluation more: whatever comes of it, what it reached counts. */
  readonly runTest: (name: string) => void
  /** Makes what the policy makes. Throws anything. */
  readonly evaluate: (input: object | string, timeMs: number) => unknown
  /** What all evaluations together reached, and where rules held. */
  readonly isCovered: (marker: Marker) => boolean
}

interface CoveredOptions {
  readonly compiler: PreparedCompiler
  readonly dataJson: string
  /** The tests that will be run, as Rego refers to them. */
  readonly tests: readonly string[]
  /** Whether the verdict will be asked for too. */
  readonly hasRequests: boolean
}

/**
 * Instruments sources that are known to be sound, and builds them with their tests and the verdict to one module, which is kept
 * nowhere; where nothing will be run, to none. Of `lib`, all of it is covered. Throws what `instrumentApp` throws.
 */
export async function openCoveredApp(sources: TestedSources, options: CoveredOptions): Promise<CoveredApp> {
  const { compiler, dataJson, tests, hasRequests } = options
  const { name, files, lib: all } = sources
  const lib = name === 'lib' ? all : selectLib([...files, ...sources.tests], all)
  const marked = await instrumentApp({ name, files: [...files, ...lib], lib: [] }, { compiler })
  const texts = new Map(marked.files.map(({ path, text }) => [path, text]))
  const change = (set: TestedSources['files']) =>
    set.map(({ path, text }) => ({ path, text: texts.get(path) ?? text }))
  const references = new Map(
    [...tests, ...(hasRequests ? [VERDICT] : [])].map((test, index) => [index, test]),
  )
  const staged = { name, files: change(files), tests: sources.tests, lib: change(lib) }
  const trace = createTrace(marked.prefix)
  const evaluate =
    references.size === 0
      ? () => undefined
      : await open(
          await withStagedApp(staged, compiler.cacheFolder, async (stage) => {
            if (hasRequests)
              await placeFile(stage.folder, { stagedPath: 'regate/verdict.rego', text: entryModule(name) })
            return buildEntrypoints(stage, references, { compiler })
          }),
          dataJson,
        )
  const indexes = new Map([...references].map(([index, reference]) => [reference, index]))
  const { onPrint } = trace
  return {
    markers: marked.markers,
    runTest: (test) => {
      try {
        evaluate(indexes.get(test) ?? -1, { onPrint })
      } catch {
        // It has passed before: a time of day may have changed since.
      }
    },
    evaluate: (input, timeMs) => evaluate(indexes.get(VERDICT) ?? -1, { onPrint, timeMs, input }),
    isCovered: ({ id, kind }) =>
      kind === 'rule' || kind === 'else' ? trace.held.has(id) : trace.reached.has(id),
  }
}

const VERDICT = 'data.regate.verdict'

interface Circumstances {
  readonly onPrint: (text: string) => void
  readonly input?: object | string
  readonly timeMs?: number
}

type Evaluate = (entrypoint: number, circumstances: Circumstances) => unknown

/** Evaluates on this thread, and is told everything that is printed. */
async function open(wasm: Uint8Array, dataJson: string): Promise<Evaluate> {
  const { open: openInstance, sound } = await openModule(wasm, [])
  const readResult = createResultReader()
  let live: OpenPolicy | undefined
  return (index, { input, ...circumstances }) => {
    const policy = live ?? openInstance()
    if (live === undefined) policy.setData(dataJson)
    // An instance that has thrown is never used again.
    live = undefined
    const inputJson = input === undefined ? undefined : toJsonText(input)
    const entrypoint = sound.entrypoints.get(toEntrypoint(index))
    if (entrypoint === undefined) throw new Error(`there is no entrypoint ${index}`)
    const result = readResult(
      policy.evaluate(inputJson, entrypoint, { ...circumstances, limitsPrints: false }),
    )
    live = policy
    return result
  }
}
