import { pastLimit } from '../past-limit.ts'
import { MAX_TEXT_LENGTH } from '../text/read-text.ts'
import { type Datum, isTrue, type MaybeDatum, NULL, printDatum, sortEntries, TemplateError } from './datum.ts'
import { evaluatePipeline, setVariable, STEP, type Variable } from './evaluate-pipeline.ts'
import { MAIN_NAME, type Templates } from './parse-template.ts'
import type { Node, Nodes } from './syntax.ts'

/** Characters that functions make or look at, and eight for each part that runs and each item that is walked over. */
const MAX_WORK = 2 ** 24

interface Run {
  readonly templates: Templates
  readonly parts: string[]
  readonly spend: (work: number) => void
  length: number
}

interface Frame {
  readonly run: Run
  readonly spend: Run['spend']
  readonly dot: MaybeDatum
  readonly variables: Variable[]
}

type Outcome = 'next' | 'break' | 'continue'

/**
 * Applies a template. Throws `TemplateError`. Source: Go, package text/template.
 * @throws EVALUATION_FAILED for a text past 16,777,216 characters and after some two million steps
 */
export function runTemplate(templates: Templates, datum: Datum): string {
  let spent = 0
  const spend = (work: number) => {
    spent += work
    if (spent > MAX_WORK) throw pastLimit('strings.render_template', 'too many steps')
  }
  const run: Run = { templates, parts: [], length: 0, spend }
  runNamed(run, MAIN_NAME, datum)
  return run.parts.join('')
}

/** Nothing but `$` is in sight of a template. */
function runNamed(run: Run, name: string, dot: MaybeDatum): void {
  const nodes = run.templates.get(name)
  if (nodes === undefined) throw new TemplateError('no such template')
  runNodes({ run, spend: run.spend, dot, variables: [{ name: '$', value: dot }] }, nodes)
}

function runNodes(frame: Frame, nodes: Nodes): Outcome {
  for (const node of nodes) {
    frame.spend(STEP)
    const outcome = runNode(frame, node)
    if (outcome !== 'next') return outcome
  }
  return 'next'
}

function runNode(frame: Frame, node: Node): Outcome {
  switch (node.kind) {
    case 'plain':
      write(frame.run, node.text)
      return 'next'
    case 'action': {
      const value = evaluatePipeline(frame, node.pipeline)
      if (node.pipeline.variables.length === 0)
        write(frame.run, value === undefined ? '<no value>' : printDatum(value))
      return 'next'
    }
    case 'if':
    case 'with':
      return runChoice(frame, node)
    case 'range':
      return runRange(frame, node)
    case 'template':
      runNamed(
        frame.run,
        node.name,
        node.pipeline === undefined ? undefined : evaluatePipeline(frame, node.pipeline),
      )
      return 'next'
    case 'break':
    case 'continue':
      return node.kind
    default:
      throw new TypeError('no such node', { cause: node satisfies never })
  }
}

function write(run: Run, text: string): void {
  run.length += text.length
  if (run.length > MAX_TEXT_LENGTH)
    throw pastLimit('strings.render_template', 'a text past 16,777,216 characters')
  run.parts.push(text)
}

type Control = Extract<Node, { readonly body: Nodes }>

function runChoice(frame: Frame, node: Control): Outcome {
  const depth = frame.variables.length
  const value = evaluatePipeline(frame, node.pipeline)
  const inner = node.kind === 'with' && isTrue(value) ? { ...frame, dot: value } : frame
  const outcome = runNodes(inner, isTrue(value) ? node.body : node.otherwise)
  frame.variables.length = depth
  return outcome
}

function runRange(frame: Frame, node: Control): Outcome {
  const { variables } = frame
  const outer = variables.length
  const pairs = toPairs(frame, evaluatePipeline(frame, node.pipeline), node.pipeline.variables.length)
  const depth = variables.length
  let [isEmpty, outcome]: [boolean, Outcome] = [true, 'next']
  for (const [index, item] of pairs) {
    isEmpty = false
    frame.spend(STEP)
    bind(frame, node, [index, item])
    outcome = runNodes({ ...frame, dot: item }, node.body)
    variables.length = depth
    if (outcome === 'break') break
  }
  if (isEmpty) outcome = runNodes(frame, node.otherwise)
  variables.length = outer
  // As in Go, a break in the other branch ends there, while a continue goes to the range around it.
  return isEmpty && outcome === 'continue' ? outcome : 'next'
}

/** With one variable it takes the item, with two the first takes the index. */
function bind({ variables }: Frame, { pipeline }: Control, [index, item]: Pair): void {
  const [first, second] = pipeline.variables
  if (first === undefined) return
  if (pipeline.isAssignment) {
    setVariable(variables, first, second === undefined ? item : index)
    if (second !== undefined) setVariable(variables, second, item)
    return
  }
  variables.splice(-1, 1, { name: second ?? first, value: item })
  if (second !== undefined) variables.splice(-2, 1, { name: first, value: index })
}

type Pair = readonly [index: MaybeDatum, item: MaybeDatum]

function toPairs({ spend }: Frame, value: MaybeDatum, variableCount: number): Iterable<Pair> {
  if (value === undefined) return []
  if (value.kind === 'integer' && variableCount < 2) return count(value)
  if (value.kind === 'list') {
    return value.items.map((item, index) => [{ kind: 'integer', value: BigInt(index), isByte: false }, item])
  }
  if (value.kind !== 'map') throw new TemplateError('not to be walked over')
  spend(STEP * value.entries.size)
  return sortEntries(value.entries).map(([key, item]) => [{ kind: 'text', text: key }, item])
}

function* count(end: Extract<Datum, { readonly kind: 'integer' }>): Generator<Pair> {
  for (let value = 0n; value < end.value; value += 1n) yield [NULL, { ...end, value }]
}
