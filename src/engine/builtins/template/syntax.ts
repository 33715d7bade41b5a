import type { Datum } from './datum.ts'

/** A parsed template. Source: Go, package text/template/parse. */
export type Node =
  | { readonly kind: 'plain'; readonly text: string }
  | { readonly kind: 'action'; readonly pipeline: Pipeline }
  | {
      readonly kind: 'if' | 'with' | 'range'
      readonly pipeline: Pipeline
      readonly body: Nodes
      readonly otherwise: Nodes
    }
  | { readonly kind: 'template'; readonly name: string; readonly pipeline: Pipeline | undefined }
  | { readonly kind: 'break' | 'continue' }

export type Nodes = readonly Node[]

export interface Pipeline {
  /** Variables that take its value, with their `$`. */
  readonly variables: readonly string[]
  /** Whether they were declared before. */
  readonly isAssignment: boolean
  /** Each gets the value of the one before as its last operand. */
  readonly commands: readonly Command[]
}

export type Command = readonly [first: Operand, ...rest: Operand[]]

export type Operand =
  | { readonly kind: 'dot' | 'nil' }
  | { readonly kind: 'constant'; readonly value: Datum }
  /** An integer that fits no int64: an error where it is reached. */
  | { readonly kind: 'overflow' }
  | { readonly kind: 'field'; readonly names: readonly string[] }
  | { readonly kind: 'variable'; readonly name: string; readonly names: readonly string[] }
  | { readonly kind: 'chain'; readonly operand: Operand; readonly names: readonly string[] }
  | { readonly kind: 'function'; readonly name: string }
  | { readonly kind: 'pipeline'; readonly pipeline: Pipeline }
