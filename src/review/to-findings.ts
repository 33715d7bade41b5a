import type { Problem } from '../catalog/catalog-event.ts'
import type { Finding } from './finding.ts'
import { locateInMetadata } from './locate-in-metadata.ts'
import type { ReviewedApp } from './reviewed-app.ts'

const LINE = /^(?<file>[^\n:]+):(?<row>\d+):(?<column>\d+): (?<message>[^\n]+)$/gmu

/** What keeps a version from serving, a finding a place: the compiler names several in one message. */
export function toFindings(
  problem: Problem | undefined,
  app: Pick<ReviewedApp, 'name' | 'files'>,
): readonly Finding[] {
  if (problem === undefined) return []
  const { code, message, file, row, column } = problem
  const lines = [...message.matchAll(LINE)].flatMap(({ groups }) => (groups === undefined ? [] : [groups]))
  if (lines.length === 0) {
    const location =
      code === 'ROUTE_CONFLICT'
        ? placeOfClaim(message, app)
        : { file: file ?? app.name, row: row ?? 1, column: column ?? 1 }
    return [{ severity: 'error', rule: code, location, message }]
  }
  return lines.map((line) => ({
    severity: 'error',
    rule: code,
    location: { file: line['file'] ?? '', row: Number(line['row']), column: Number(line['column']) },
    message: line['message'] ?? '',
  }))
}

/** The message begins with the host and path that two apps claim. */
function placeOfClaim(message: string, app: Pick<ReviewedApp, 'name' | 'files'>): Finding['location'] {
  return locateInMetadata(app, message.slice(0, message.indexOf('/')))
}
