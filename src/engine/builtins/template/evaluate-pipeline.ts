import { isTrue, type MaybeDatum, TemplateError } from './datum.ts'
import type { Command, Operand, Pipeline } from './syntax.ts'
import { callFunction } from './template-functions.ts'

/** What a step costs, in characters. */
export const STEP = 8

export interface Variable {
  readonly name: string
  value: MaybeDatum
}

interface Scope {
  readonly dot: MaybeDatum
  /** The last of a name counts. */
  readonly variables: Variable[]
  readonly spend: (work: number) => void
}

/** What the command before gives as a last operand; even a missing value is one. */
type Final = { readonly value: MaybeDatum } | undefined

/** The value of a pipeline, which its variables take as well. Null becomes undefined. Source: Go, package text/template. */
export function evaluatePipeline(scope: Scope, { commands, variables, isAssignment }: Pipeline): MaybeDatum {
  let final: Final
  for (const command of commands) {
    scope.spend(STEP * command.length)
    final = { value: dropNull(evaluateCommand(scope, command, final)) }
  }
  const value = final?.value
  for (const name of variables) {
    if (isAssignment) setVariable(scope.variables, name, value)
    else scope.variables.push({ name, value })
  }
  return value
}

export function setVariable(variables: readonly Variable[], name: string, value: MaybeDatum): void {
  findVariable(variables, name).value = value
}

function findVariable(variables: readonly Variable[], name: string): Variable {
  const found = variables.findLast((variable) => variable.name === name)
  if (found === undefined) throw new TemplateError('no such variable')
  return found
}

function dropNull(value: MaybeDatum): MaybeDatum {
  return value?.kind === 'null' ? undefined : value
}

function evaluateCommand(scope: Scope, [first, ...rest]: Command, final: Final): MaybeDatum {
  const hasOperands = rest.length > 0 || final !== undefined
  if (first.kind === 'function') return evaluateCall(scope, first.name, rest, final)
  if (first.kind === 'nil') throw new TemplateError('nil is no command')
  return evaluateOperand(scope, first, hasOperands)
}

/** Only functions take operands; a field of a missing value is forgiven them. */
function evaluateOperand(scope: Scope, operand: Operand, hasOperands = false): MaybeDatum {
  switch (operand.kind) {
    case 'field':
      return walkFields(scope.dot, operand.names, hasOperands)
    case 'chain':
      return walkFields(evaluateOperand(scope, operand.operand), operand.names, hasOperands)
    case 'variable': {
      const { value } = findVariable(scope.variables, operand.name)
      if (operand.names.length > 0) return walkFields(value, operand.names, hasOperands)
      refuseOperands(hasOperands)
      return value
    }
    case 'pipeline':
      refuseOperands(hasOperands)
      return evaluatePipeline(scope, operand.pipeline)
    case 'function':
      return evaluateCall(scope, operand.name, [], undefined)
    case 'constant':
      refuseOperands(hasOperands)
      return operand.value
    case 'dot':
      refuseOperands(hasOperands)
      return scope.dot
    case 'nil':
      return undefined
    case 'overflow':
      throw new TemplateError('past int64')
    default:
      throw new TypeError('no such operand', { cause: operand satisfies never })
  }
}

function refuseOperands(hasOperands: boolean): void {
  if (hasOperands) throw new TemplateError('no function')
}

/** A missing key has missing fields; a null or anything but a map has none. */
function walkFields(start: MaybeDatum, names: readonly string[], hasOperands: boolean): MaybeDatum {
  return names.reduce<MaybeDatum>((receiver, name, index) => {
    if (receiver === undefined) return undefined
    const isCalled = hasOperands && index === names.length - 1
    if (receiver.kind !== 'map' || isCalled) throw new TemplateError('no field')
    return receiver.entries.get(name)
  }, start)
}

function evaluateCall(scope: Scope, name: string, operands: readonly Operand[], final: Final): MaybeDatum {
  if (name === 'and' || name === 'or') return evaluateLogic(scope, name, operands, final)
  const values = operands.map((operand) => dropNull(evaluateOperand(scope, operand)))
  const all = final === undefined ? values : [...values, final.value]
  for (const value of all) scope.spend(countCharacters(value))
  const result = callFunction(name, all)
  scope.spend(result?.kind === 'list' ? result.items.length : countCharacters(result))
  return result
}

function countCharacters(value: MaybeDatum): number {
  return value !== undefined && 'text' in value ? value.text.length : 0
}

/** The first operand that decides, or the last. */
function evaluateLogic(
  scope: Scope,
  name: 'and' | 'or',
  operands: readonly Operand[],
  final: Final,
): MaybeDatum {
  if (operands.length === 0 && final === undefined) throw new TemplateError('a wrong number of operands')
  let value: MaybeDatum
  for (const operand of operands) {
    value = evaluateOperand(scope, operand)
    if (isTrue(value) === (name === 'or')) return value
  }
  return final === undefined ? value : final.value
}
