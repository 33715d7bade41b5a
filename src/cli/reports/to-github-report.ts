import type { Finding } from '../../review/finding.ts'

const COMMANDS = { error: 'error', warning: 'warning', note: 'notice' } as const

/** Workflow commands of GitHub Actions, which show as annotations at their lines. */
export function toGithubReport(findings: readonly Finding[]): string {
  return findings.map(toCommand).join('')
}

function toCommand({ severity, rule, message, location: { file, row, column } }: Finding): string {
  const properties = { file, line: row, col: column, title: rule }
  const list = Object.entries(properties).map(([name, value]) => `${name}=${escapeProperty(String(value))}`)
  return `::${COMMANDS[severity]} ${list.join(',')}::${escapeData(message)}\n`
}

/** A text of an author must not begin a command of its own. */
function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
