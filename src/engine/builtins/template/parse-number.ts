import { TemplateError } from './datum.ts'
import type { Operand } from './syntax.ts'

/**
 * A number of a template: an integer unless it has a point or an exponent. Refused beside what Go refuses: hexadecimal
 * floats, and floats with `_`. Source: Go, package text/template/parse.
 */
export function parseNumber(text: string): Operand {
  const integer = parseInteger(text)
  if (integer !== undefined) {
    if (BigInt.asIntN(64, integer) === integer) return toConstant(integer)
    if (BigInt.asUintN(64, integer) === integer) return { kind: 'overflow' }
  }
  const value = Number(text)
  const isFloat = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text) && /[.eE]/.test(text)
  if (!isFloat || !Number.isFinite(value)) throw new TemplateError('no number')
  return { kind: 'constant', value: { kind: 'float', value } }
}

function toConstant(value: bigint): Operand {
  return { kind: 'constant', value: { kind: 'integer', value, isByte: false } }
}

function parseInteger(text: string): bigint | undefined {
  const [, sign, prefix = '', digits = ''] =
    /^([+-]?)(0[xX]|0[oO]|0[bB]|0(?=[0-9_]))?([0-9a-fA-F_]+)$/.exec(text) ?? []
  if (sign === undefined || !isSeparated(digits, prefix)) return undefined
  try {
    const value = BigInt((prefix === '0' ? '0o' : prefix) + digits.replaceAll('_', ''))
    return sign === '-' ? -value : value
  } catch {
    return undefined
  }
}

/** `_` stands between digits, or right after a prefix. */
function isSeparated(digits: string, prefix: string): boolean {
  return prefix === '' ? /^[0-9](?:_?[0-9])*$/.test(digits) : /^(?:_?[0-9a-fA-F])+$/.test(digits)
}
