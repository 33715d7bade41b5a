import { isArray, type ObjectValue, type Value } from '../../values/value.ts'

/** The parameters that verification looks at; the empty text: not there. */
export interface TokenHeader {
  readonly algorithm: string
  readonly keyId: string
  readonly contentType: string
  /** An algorithm is named, and nothing critical is unknown. */
  readonly isAcceptable: boolean
}

const TEXTS: readonly string[] = ['alg', 'kid', 'typ', 'cty']

/** Undefined where a known parameter has another type than it must. Source: RFC 7515, 4.1. */
export function readTokenHeader({ entries }: ObjectValue): TokenHeader | undefined {
  const members = new Map(entries)
  const critical = members.has('crit') ? readCritical(members.get('crit')) : new Set<string>()
  const areTexts = TEXTS.every((name) => !members.has(name) || typeof members.get(name) === 'string')
  if (!areTexts || critical === undefined) return undefined
  const textOf = (name: string): string => {
    const value = members.get(name)
    return typeof value === 'string' ? value : ''
  }
  const algorithm = textOf('alg')
  const isUnderstood = entries.every(
    ([name]) => typeof name !== 'string' || name === 'crit' || TEXTS.includes(name) || !critical.has(name),
  )
  return {
    algorithm,
    keyId: textOf('kid'),
    contentType: textOf('cty'),
    isAcceptable: algorithm !== '' && isUnderstood,
  }
}

/** The names up to the first entry that is none, as OPA reads them; at least one. */
function readCritical(value: Value | undefined): ReadonlySet<string> | undefined {
  if (value === undefined || !isArray(value)) return undefined
  const end = value.findIndex((name) => typeof name !== 'string')
  const names = value.slice(0, end < 0 ? value.length : end).filter((name) => typeof name === 'string')
  return names.length === 0 ? undefined : new Set(names)
}
