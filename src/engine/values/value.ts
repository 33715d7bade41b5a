/**
 * A Rego value outside a module. JSON is not enough: sets are not lists, keys may be of any type, and a number is the text
 * that the policy or the document wrote (`1.0` is not `1` to `sprintf`, `1e400` fits no double).
 * Told apart by `typeof`, `Array.isArray` and `kind`.
 */
export type Value = null | boolean | string | NumberValue | readonly Value[] | SetValue | ObjectValue

export interface NumberValue {
  readonly kind: 'number'
  /** A JSON number. */
  readonly text: string
}

/** Without order: the host neither sorts nor removes twins, the module does both. */
export interface SetValue {
  readonly kind: 'set'
  readonly items: readonly Value[]
}

export interface ObjectValue {
  readonly kind: 'object'
  readonly entries: readonly (readonly [key: Value, value: Value])[]
}

export function toNumber(value: number | bigint): NumberValue {
  return { kind: 'number', text: String(value) }
}

export function toSet(items: readonly Value[]): SetValue {
  return { kind: 'set', items }
}

export function toObject(entries: ObjectValue['entries']): ObjectValue {
  return { kind: 'object', entries }
}

export function isNumber(value: Value): value is NumberValue {
  return hasKind(value, 'number')
}

export function isSet(value: Value): value is SetValue {
  return hasKind(value, 'set')
}

export function isObject(value: Value): value is ObjectValue {
  return hasKind(value, 'object')
}

export function isArray(value: Value): value is readonly Value[] {
  return Array.isArray(value)
}

function hasKind(value: Value, kind: 'number' | 'set' | 'object'): boolean {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === kind
}

/** The whole number that a value stands for: `3`, `3.0`, `3e2` and `.5e1` are such, `3.5` is none. Undefined past `1e400` too. */
export function toBigInt(value: Value): bigint | undefined {
  if (!isNumber(value)) return undefined
  const [, whole = '', fraction = '', exponent = '0'] =
    /^(-?\d*)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(value.text) ?? []
  if (!/\d/.test(whole + fraction) || Math.abs(Number(exponent)) > 400) return undefined
  const places = fraction.length - Number(exponent)
  const digits = BigInt(whole + fraction)
  if (places <= 0) return digits * 10n ** BigInt(-places)
  const divisor = 10n ** BigInt(places)
  return digits % divisor === 0n ? digits / divisor : undefined
}
