export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/y
const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{([^\n]*)\})? (\S+)$/

/** Reads the text exposition format of Prometheus, 0.0.4, strictly; every series has a type, and stands there once. */
export function parseExposition(text: string): readonly Sample[] {
  if (!text.endsWith('\n')) throw new Error('the last line does not end')
  const typed = new Set<string>()
  const seen = new Set<string>()
  return text.split('\n').flatMap((line) => {
    const type = /^# TYPE (\S+) (?:counter|gauge|histogram|summary)$/.exec(line)?.[1]
    if (type !== undefined) typed.add(type)
    if (line === '' || line.startsWith('#')) return []
    const sample = parseSample(line)
    if (!typed.has(sample.name) && !typed.has(sample.name.replace(/_(?:bucket|sum|count)$/, '')))
      throw new Error(`no type: ${line}`)
    const key = line.slice(0, line.lastIndexOf(' '))
    if (seen.has(key)) throw new Error(`stands there twice: ${line}`)
    seen.add(key)
    return [sample]
  })
}

/** The value of the one series that has these labels. */
export function findSample(
  samples: readonly Sample[],
  name: string,
  labels: Sample['labels'] = {},
): number | undefined {
  const names = Object.keys(labels)
  return samples.find(
    (sample) => sample.name === name && names.every((label) => sample.labels[label] === labels[label]),
  )?.value
}

function parseSample(line: string): Sample {
  const [, name, labels = '', value] = SAMPLE.exec(line) ?? []
  if (name === undefined || value === undefined) throw new Error(`no sample: ${line}`)
  return { name, labels: parseLabels(labels), value: toNumber(value) }
}

function parseLabels(text: string): Sample['labels'] {
  const labels: Record<string, string> = {}
  LABEL.lastIndex = 0
  while (LABEL.lastIndex < text.length) {
    const at = LABEL.lastIndex
    const [, name = '', value = ''] = LABEL.exec(text) ?? []
    if (name === '') throw new Error(`no label: ${text.slice(at)}`)
    labels[name] = value.replaceAll(/\\(.)/g, (_all, escaped) => (escaped === 'n' ? '\n' : escaped))
  }
  return labels
}

function toNumber(text: string): number {
  if (/^[+-]?inf$/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity
  if (/^nan$/i.test(text)) return Number.NaN
  const value = Number(text)
  if (Number.isNaN(value)) throw new Error(`no number: ${text}`)
  return value
}
