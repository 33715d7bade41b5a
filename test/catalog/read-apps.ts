import { checkSources } from '../../src/catalog/check-sources.ts'
import { type ParsedModule, parseModules } from '../../src/catalog/parse-modules.ts'
import type { PreparedCompiler } from '../../src/catalog/prepare-compiler.ts'
import { withStagedApp } from '../../src/catalog/stage-app.ts'
import type { RegateError } from '../../src/errors.ts'

/** The app `grafana` with this body, as `compileApp` reads it: nothing is checked or built. */
export function readApp(body: string, compiler: PreparedCompiler): Promise<readonly ParsedModule[]> {
  const app = { name: 'grafana', files: [toFile('grafana', body)], lib: [] }
  return withStagedApp(app, compiler.cacheFolder, (stage) => parseModules(stage, compiler))
}

/** What the check of `compileApp` finds wrong with any of these bodies, each an app of its own, in one run. */
export function checkApps(
  bodies: readonly string[],
  compiler: PreparedCompiler,
): Promise<RegateError | undefined> {
  const files = bodies.map((body, index) => toFile(`app_${index}`, body))
  const app = { name: 'app_0', files, lib: [] }
  return withStagedApp(app, compiler.cacheFolder, (stage) => checkSources(stage, compiler))
}

function toFile(app: string, body: string) {
  const text = `package ${app}\n\n${body.replaceAll('data.grafana', `data.${app}`)}\n`
  return { path: `${app}/policy.rego`, text }
}
