import { isRecord } from '../decision/is-record.ts'
import { isList, placeOf, type Term, toConstant } from '../catalog/rego-tree.ts'
import type { Finding } from './finding.ts'
import type { ReviewedApp } from './reviewed-app.ts'

/**
 * Headers whose names are only known when a request is evaluated, in an app that declares none: each is refused then
 * (`VERDICT_INVALID`), since the proxy must be told beforehand which names the app can emit.
 */
export function findUndeclaredHeaders({ annotation, modules }: ReviewedApp): readonly Finding[] {
  if (annotation.headers.length > 0) return []
  return modules.flatMap(({ file, tree }) => {
    const rules = isList(tree['rules']) ? tree['rules'].filter(isRecord) : []
    return rules.flatMap((rule) => {
      const place = findComputedName(rule['head'])
      if (place === undefined) return []
      const message =
        'the name of this header is only known when a request is evaluated, and is refused then: list every name that it may take in METADATA, as custom.headers'
      return {
        severity: 'warning',
        rule: 'header-undeclared',
        location: { file, ...placeOf(place) },
        message,
      } as const
    })
  })
}

/** The term that makes a name in a rule `headers`: its key, or what its whole value is computed by. */
function findComputedName(head: unknown): Term | undefined {
  if (!isRecord(head) || !isList(head['ref'])) return undefined
  const [rule, key] = head['ref']
  if (!isRecord(rule) || rule['value'] !== 'headers') return undefined
  if (isRecord(key)) return toConstant(key) === undefined ? key : undefined
  return findComputedKey(head['value'])
}

function findComputedKey(value: unknown): Term | undefined {
  if (!isRecord(value)) return undefined
  if (value['type'] === 'objectcomprehension' && isRecord(value['value'])) {
    const key = value['value']['key']
    return isRecord(key) && toConstant(key) === undefined ? key : undefined
  }
  if (value['type'] !== 'object' || !isList(value['value'])) return undefined
  const keys = value['value'].flatMap((pair) => (isList(pair) && isRecord(pair[0]) ? [pair[0]] : []))
  return keys.find((key) => toConstant(key) === undefined)
}
