import { TemplateError } from './datum.ts'
import { lexTemplate } from './lex-template.ts'
import { parsePipeline } from './parse-pipeline.ts'
import type { Node, Nodes } from './syntax.ts'
import { createReader } from './token-reader.ts'
import type { TokenReader } from './token-reader.ts'
import { unquoteText } from './unquote.ts'

/** The name of the whole template among those that it defines. */
export const MAIN_NAME = 'template'

export type Templates = ReadonlyMap<string, Nodes>

/** One template: what is in scope while it is read. */
interface Scope {
  readonly reader: TokenReader
  readonly variables: string[]
  readonly templates: Map<string, Nodes>
  rangeDepth: number
}

/** Reads a template and those that it defines. Throws `TemplateError`. Source: Go, package text/template/parse. */
export function parseTemplate(source: string): Templates {
  const scope = createScope(createReader(lexTemplate(source)), new Map())
  const nodes: Node[] = []
  while (!scope.reader.isAtEnd()) {
    if (scope.reader.skipKeyword('define')) readDefinition(scope)
    else nodes.push(readNode(scope))
  }
  addTemplate(scope, MAIN_NAME, nodes)
  return scope.templates
}

function createScope(reader: TokenReader, templates: Map<string, Nodes>): Scope {
  return { reader, templates, variables: ['$'], rangeDepth: 0 }
}

function readDefinition({ reader, templates }: Scope): void {
  const name = unquoteText(reader.expect('text'))
  reader.expect('close')
  const scope = createScope(reader, templates)
  addTemplate(scope, name, readBody(scope).nodes)
}

/** Of two with the same name one has to be blank. */
function addTemplate({ templates }: Scope, name: string, nodes: Nodes): void {
  const before = templates.get(name)
  if (before === undefined || isBlank(before)) templates.set(name, nodes)
  else if (!isBlank(nodes)) throw new TemplateError('defined twice')
}

function isBlank(nodes: Nodes): boolean {
  return nodes.every((node) => node.kind === 'plain' && node.text.trim() === '')
}

function readNode(scope: Scope): Node {
  const { reader } = scope
  const text = reader.takeIf('plain')
  if (text !== undefined) return { kind: 'plain', text }
  reader.expect('open')
  const keyword = reader.takeIf('keyword')
  switch (keyword) {
    case 'if':
    case 'with':
    case 'range':
      return readControl(scope, keyword)
    case 'break':
    case 'continue':
      reader.expect('close')
      if (scope.rangeDepth === 0) throw new TemplateError('outside a range')
      return { kind: keyword }
    case 'template':
      return readCall(scope)
    case 'block':
      return readBlock(scope)
    case 'nil':
      reader.stepBack()
      break
    case undefined:
      break
    default:
      throw new TemplateError('an unexpected keyword')
  }
  return { kind: 'action', pipeline: parsePipeline(reader, scope.variables, { end: 'close' }) }
}

/** Variables that are declared within end with it. */
function readControl(scope: Scope, kind: 'if' | 'with' | 'range'): Node {
  const { reader, variables } = scope
  const depth = variables.length
  const pipeline = parsePipeline(reader, variables, { end: 'close', isRange: kind === 'range' })
  scope.rangeDepth += Number(kind === 'range')
  const { nodes: body, hasElse } = readBody(scope, true)
  scope.rangeDepth -= Number(kind === 'range')
  const otherwise = hasElse ? readElse(scope, kind) : []
  variables.length = depth
  return { kind, pipeline, body, otherwise }
}

/** `{{else if …}}` and `{{else with …}}` share the end of what they belong to. */
function readElse(scope: Scope, kind: 'if' | 'with' | 'range'): Nodes {
  const { reader } = scope
  if (kind !== 'range' && reader.takeIf('keyword', kind) !== undefined) return [readControl(scope, kind)]
  reader.expect('close')
  return readBody(scope).nodes
}

/** Up to `{{end}}`, or, where it is allowed, `{{else`. */
function readBody(scope: Scope, isElseAllowed = false): { readonly nodes: Nodes; readonly hasElse: boolean } {
  const { reader } = scope
  const nodes: Node[] = []
  for (;;) {
    if (reader.isAtEnd()) throw new TemplateError('no end')
    if (isElseAllowed && reader.skipKeyword('else')) return { nodes, hasElse: true }
    if (reader.skipKeyword('end')) {
      reader.expect('close')
      return { nodes, hasElse: false }
    }
    nodes.push(readNode(scope))
  }
}

function readCall({ reader, variables }: Scope): Node {
  const name = unquoteText(reader.expect('text'))
  if (reader.takeIf('close') !== undefined) return { kind: 'template', name, pipeline: undefined }
  return { kind: 'template', name, pipeline: parsePipeline(reader, variables, { end: 'close' }) }
}

/** A definition, and a call of it right there. */
function readBlock({ reader, variables, templates }: Scope): Node {
  const name = unquoteText(reader.expect('text'))
  const pipeline = parsePipeline(reader, variables, { end: 'close' })
  const scope = createScope(reader, templates)
  addTemplate(scope, name, readBody(scope).nodes)
  return { kind: 'template', name, pipeline }
}
