import { z } from 'zod'

/** What a parser of one setting returns: the value, or what is wrong with the text and what would be right. */
export type Parsed<T> = { readonly value: T } | { readonly problem: string }

/** A text setting read by `parse`; `mend` says what to write where there is no text at all. */
export function parsedText<T>(mend: string, parse: (text: string) => Parsed<T>) {
  return text(mend).transform((input, context) => {
    const parsed = parse(input)
    if ('value' in parsed) return parsed.value
    context.addIssue({ code: 'custom', message: parsed.problem })
    return z.NEVER
  })
}

/** A non-empty text setting. */
export function text(mend: string) {
  return z.string(expected(mend)).min(1, { ...expected(mend), abort: true })
}

/** The message of a setting that is missing, empty or of another type. */
export function expected(mend: string) {
  return { error: (issue: { input?: unknown }) => `${describe(issue.input)}; write ${mend}` }
}

function describe(input: unknown): string {
  if (input === undefined) return 'is missing'
  if (input === null || input === '') return 'is empty'
  if (Array.isArray(input)) return 'is a list'
  return typeof input === 'object' ? 'is a mapping' : `${quote(input)} is not valid here`
}

/** A value as a message shows it: quoted when it is text, on one line, cut when it is long. */
export function quote(value: unknown): string {
  const json = JSON.stringify(value) ?? String(value)
  return json.length > 80 ? `${json.slice(0, 77)}…` : json
}
