import type { Finding } from '../../review/finding.ts'

/** SARIF 2.1.0 (OASIS), as code scanning of GitHub, GitLab and Azure reads it. `version` is that of Regate. */
export function toSarifReport(findings: readonly Finding[], version: string): string {
  const rules = [...new Set(findings.map(({ rule }) => rule))].map((id) => ({ id }))
  const run = {
    tool: { driver: { name: 'regate', version, rules } },
    results: findings.map(toResult),
    columnKind: 'utf16CodeUnits',
  }
  const schema = 'https://json.schemastore.org/sarif-2.1.0.json'
  return `${JSON.stringify({ $schema: schema, version: '2.1.0', runs: [run] }, undefined, 2)}\n`
}

function toResult({ severity, rule, message, location: { file, row, column } }: Finding): object {
  const physicalLocation = {
    artifactLocation: { uri: encodeURI(file) },
    region: { startLine: row, startColumn: column },
  }
  return { ruleId: rule, level: severity, message: { text: message }, locations: [{ physicalLocation }] }
}
