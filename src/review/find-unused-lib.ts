import { selectLib } from '../catalog/select-lib.ts'
import type { SourceFile } from '../catalog/source-file.ts'
import type { Finding } from './finding.ts'
import type { ReviewedApp } from './reviewed-app.ts'

/** Shared files that no app is compiled with. */
export function findUnusedLib(
  apps: readonly Pick<ReviewedApp, 'files'>[],
  lib: readonly SourceFile[],
): readonly Finding[] {
  const used = new Set(apps.flatMap(({ files }) => selectLib(files, lib)).map(({ path }) => path))
  return lib
    .filter(({ path }) => !used.has(path))
    .map(({ path }) => ({
      severity: 'warning',
      rule: 'lib-unused',
      location: { file: path, row: 1, column: 1 },
      message: 'no app uses this file; import it (import data.lib.…), or remove it',
    }))
}
