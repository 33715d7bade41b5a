import { loadModule } from '../engine/load-module.ts'
import { buildInstrumented, type InstrumentOptions } from './instrument.ts'
import { readData } from './read-data.ts'
import { createTrace, type Marker, type Trace } from './trace.ts'
import type { WantedApp } from './wanted-app.ts'

/** A version of an app, to be evaluated for what its trace tells. It never serves. */
export interface TracedApp {
  readonly markers: readonly Marker[]
  /** For `evaluate`; one may listen to many evaluations. */
  readonly createTrace: () => Trace
  /** What the policy makes of an input document or its JSON text. Throws `EVALUATION_FAILED`. */
  readonly evaluate: (input: object | string, trace: Trace) => unknown
}

/** Instruments, builds and loads a version whose plain sources and tables are sound. Throws what `buildInstrumented` throws, and `DATA_INVALID`. */
export async function openTracedApp(
  { name, files, lib, tables: [table] }: Pick<WantedApp, 'name' | 'files' | 'lib' | 'tables'>,
  options: InstrumentOptions,
): Promise<TracedApp> {
  const { wasm, markers, prefix } = await buildInstrumented({ name, files, lib }, options)
  const { createEvaluator } = await loadModule(wasm)
  const data = table === undefined ? {} : { [name]: readData(table, new Set()) }
  const { evaluate } = createEvaluator({ data, limitsPrints: false })
  return {
    markers,
    createTrace: () => createTrace(prefix),
    evaluate: (input, trace) => evaluate(input, trace.onPrint),
  }
}
