import { isNumber, isObject, isSet } from '../../values/value.ts'
import type { NumberValue, Value } from '../../values/value.ts'

/** A text that two values share exactly when Rego holds them equal: `1` and `1.0`, sets and objects in any order. */
export function toKey(value: Value): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (value === null || typeof value === 'boolean') return String(value)
  if (isNumber(value)) return toNumberKey(value)
  if (isSet(value)) return `<${[...new Set(value.items.map(toKey))].sort().join()}>`
  if (isObject(value))
    return `{${value.entries
      .map(([key, item]) => `${toKey(key)}:${toKey(item)}`)
      .sort()
      .join()}}`
  return `[${value.map(toKey).join()}]`
}

/** Digits without zeros at either end, and where the decimal point stands before the first. */
function toNumberKey({ text }: NumberValue): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d*)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? []
  const digits = (whole + fraction).replace(/^0+/, '')
  const point =
    BigInt(exponent) + BigInt(whole.length) - BigInt(whole.length + fraction.length - digits.length)
  const significant = digits.replace(/0+$/, '')
  return significant === '' ? '0' : `${sign}${significant}e${point}`
}
