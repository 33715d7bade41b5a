/**
 * Rego's `sprintf` for the verbs that policies use: `%s` `%d` `%v` `%%`, without flags, width and precision.
 * Within them the text is that of Go's `fmt`, with one exception: a set reaches the host as a list, so `%v` writes it in
 * brackets. A format or an operand outside them ends the evaluation, because a text that merely resembles OPA's could
 * decide a request.
 * Source: OPA policy reference (`sprintf`), Go package fmt.
 */
export function formatText(format: unknown, operands: unknown): string | undefined {
  if (typeof format !== 'string' || !Array.isArray(operands)) return undefined
  const values: readonly unknown[] = operands
  let used = 0
  const text = format.replaceAll(/%(.?)/gsu, (_, verb: string) => {
    if (verb === '%') return '%'
    if (used >= values.length) throw new Error('sprintf: more verbs than operands')
    return formatOperand(verb, values[used++])
  })
  if (used < values.length) throw new Error('sprintf: more operands than verbs')
  return text
}

function formatOperand(verb: string, value: unknown): string {
  if (verb === 'v') return typeof value === 'string' ? value : toRegoText(value)
  if (verb === 's' && typeof value === 'string') return value
  if (verb === 'd' && Number.isSafeInteger(value)) return String(value)
  throw new Error(`sprintf: %${verb} is not provided for a value of this type`)
}

function toRegoText(value: unknown): string {
  if (typeof value === 'number') return formatNumber(value)
  if (Array.isArray(value)) return `[${value.map(toRegoText).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const pairs = Object.entries(value).map(([name, item]) => [JSON.stringify(name), toRegoText(item)] as const)
  pairs.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  return `{${pairs.map((pair) => pair.join(': ')).join(', ')}}`
}

/** Go and JavaScript write the same digits for safe integers and for short decimals; beyond them they part. */
function formatNumber(value: number): string {
  const text = String(value)
  if (Number.isInteger(value) ? Number.isSafeInteger(value) : /^-?\d+\.\d{1,15}$/u.test(text)) return text
  throw new Error('sprintf: the number has no exact text')
}
