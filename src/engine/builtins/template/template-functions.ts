import type { Argument } from '../format/argument.ts'
import { formatAll } from '../format/format-all.ts'
import { isPrintable } from '../format/quote-text.ts'
import { escapeBytes, PART_CHARACTERS, toBytes } from '../percent-coding.ts'
import { areEqual, isLess } from './compare-data.ts'
import { type Datum, type MaybeDatum, printDatum, sortEntries, TemplateError } from './datum.ts'
import { isTrue } from './datum.ts'
import { indexDatum, measureDatum, sliceDatum } from './take-part.ts'

/** What Go calls with the values of its operands; null comes as undefined. */
interface TemplateFunction {
  readonly least: number
  readonly most: number
  readonly call: (operands: readonly MaybeDatum[]) => MaybeDatum
}

/** Go's own functions but for `and` and `or`, which stop early. Source: Go, package text/template. */
const FUNCTIONS: ReadonlyMap<string, TemplateFunction> = new Map([
  ['html', fromTexts((operands) => escapeHtml(joinOperands(operands)))],
  ['js', fromTexts((operands) => escapeJs(joinOperands(operands)))],
  ['urlquery', fromTexts((operands) => escapeQuery(joinOperands(operands)))],
  ['print', fromTexts((operands) => print(operands))],
  ['println', fromTexts((operands) => `${operands.map(printOperand).join(' ')}\n`)],
  ['printf', fromTexts(([format, ...operands]) => printFormatted(format, operands), 1)],
  ['len', fixed(1, ([item]) => toInteger(measureDatum(item)))],
  ['index', variadic(([item, ...indices]) => indexDatum(item, indices))],
  ['slice', variadic(([item, ...bounds]) => sliceDatum(item, bounds))],
  ['not', fixed(1, ([operand]) => toBoolean(!isTrue(operand)))],
  ['eq', variadic(([one, ...others]) => toBoolean(isAnyEqual(one, others)))],
  ['ne', fixed(2, ([one, other]) => toBoolean(!areEqual(one, other)))],
  ['lt', fixed(2, ([one, other]) => toBoolean(isLess(one, other)))],
  ['le', fixed(2, ([one, other]) => toBoolean(isAtMost(one, other)))],
  ['gt', fixed(2, ([one, other]) => toBoolean(!isAtMost(one, other)))],
  ['ge', fixed(2, ([one, other]) => toBoolean(!isLess(one, other)))],
  ['call', variadic(refuseCall)],
])

export const FUNCTION_NAMES: ReadonlySet<string> = new Set([...FUNCTIONS.keys(), 'and', 'or'])

export function callFunction(name: string, operands: readonly MaybeDatum[]): MaybeDatum {
  const found = FUNCTIONS.get(name)
  if (found === undefined || operands.length < found.least || operands.length > found.most) {
    throw new TemplateError('a wrong number of operands')
  }
  return found.call(operands)
}

function fixed(count: number, call: TemplateFunction['call']): TemplateFunction {
  return { least: count, most: count, call }
}

function variadic(call: TemplateFunction['call']): TemplateFunction {
  return { least: 1, most: Number.POSITIVE_INFINITY, call }
}

function fromTexts(make: (operands: readonly MaybeDatum[]) => string, least = 0): TemplateFunction {
  return {
    least,
    most: Number.POSITIVE_INFINITY,
    call: (operands) => ({ kind: 'text', text: make(operands) }),
  }
}

function toBoolean(value: boolean): Datum {
  return { kind: 'boolean', value }
}

function toInteger(value: number): Datum {
  return { kind: 'integer', value: BigInt(value), isByte: false }
}

/** Values of a document are no functions. */
function refuseCall(): never {
  throw new TemplateError('no function')
}

function isAnyEqual(one: MaybeDatum, others: readonly MaybeDatum[]): boolean {
  if (others.length === 0) throw new TemplateError('nothing to compare with')
  return others.some((other) => areEqual(one, other))
}

function isAtMost(one: MaybeDatum, other: MaybeDatum): boolean {
  return isLess(one, other) || areEqual(one, other)
}

function printOperand(operand: MaybeDatum): string {
  return operand === undefined ? '<nil>' : printDatum(operand)
}

/** A blank between two of which neither is a text. */
function print(operands: readonly MaybeDatum[], show = printOperand): string {
  const isText = (operand: MaybeDatum) => operand?.kind === 'text' || operand?.kind === 'number'
  return operands
    .map((operand, index) => {
      const isApart = index > 0 && !isText(operand) && !isText(operands[index - 1])
      return (isApart ? ' ' : '') + show(operand)
    })
    .join('')
}

function joinOperands(operands: readonly MaybeDatum[]): string {
  const shown = operands.map((operand): Datum => operand ?? { kind: 'text', text: '<no value>' })
  return print(shown)
}

function printFormatted(format: MaybeDatum, operands: readonly MaybeDatum[]): string {
  if (format?.kind !== 'text') throw new TemplateError('no format')
  const text = formatAll(format.text, operands.map(toArgument))
  if (text === undefined) throw new TemplateError('not to be formatted')
  return text
}

function toArgument(operand: MaybeDatum): Argument {
  switch (operand?.kind) {
    case undefined:
    case 'null':
      return { kind: 'nil', type: '<nil>' }
    case 'text':
      return { kind: 'text', value: operand.text, type: 'string' }
    case 'number':
      return { kind: 'text', value: operand.text, type: 'json.Number' }
    case 'boolean':
      return { kind: 'boolean', value: operand.value, type: 'bool' }
    case 'integer':
      return { kind: 'integer', value: operand.value, type: operand.isByte ? 'uint8' : 'int' }
    case 'float':
      return { kind: 'float', value: operand.value, type: 'float64' }
    case 'list':
      return { kind: 'list', items: operand.items.map(toArgument), type: '[]interface {}' }
    case 'map':
      return {
        kind: 'map',
        entries: sortEntries(operand.entries).map(toPair),
        type: 'map[string]interface {}',
      }
    default:
      throw new TypeError('no such datum', { cause: operand satisfies never })
  }
}

function toPair([key, value]: readonly [string, Datum]): readonly [Argument, Argument] {
  return [{ kind: 'text', value: key, type: 'string' }, toArgument(value)]
}

const HTML = new Map([
  ['\0', '\ufffd'],
  ['"', '&#34;'],
  ["'", '&#39;'],
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
])

function escapeHtml(text: string): string {
  // oxlint-disable-next-line no-control-regex -- NUL is one of them
  return text.replaceAll(/[\0"'&<>]/g, (character) => HTML.get(character) ?? character)
}

function escapeJs(text: string): string {
  return Array.from(text, (character) => {
    if (/[\\'"]/.test(character)) return `\\${character}`
    const isPlain = character >= ' ' && (character <= '\u007f' || isPrintable(character))
    if (isPlain && !/[<>&=]/.test(character)) return character
    return `\\u${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
  }).join('')
}

function escapeQuery(text: string): string {
  return escapeBytes(toBytes(text), `${PART_CHARACTERS.query} `).replaceAll(' ', '+')
}
