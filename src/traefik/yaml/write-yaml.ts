import { stringify } from 'yaml'

/** Plain values as YAML, without folded lines. */
export function writeYaml(value: unknown): string {
  return stringify(value, { lineWidth: 0 })
}
