import { SchemaError } from './schema-error.ts'

/** A URI reference, its fragment apart and decoded. */
export interface Reference {
  readonly base: string
  readonly fragment: string
}

/** @throws SchemaError where the escapes of the fragment are none. */
export function parseReference(text: string): Reference {
  const at = text.indexOf('#')
  const [base, written] = at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
  try {
    return { base, fragment: decodeURIComponent(written) }
  } catch (cause) {
    const escape = /%(?![\dA-Fa-f]{2}).{0,2}/s.exec(written)?.[0] ?? ''
    throw new SchemaError(`parse ${JSON.stringify(text)}: invalid URL escape ${JSON.stringify(escape)}`, {
      cause,
    })
  }
}

/** The reference as seen from another. Source: RFC 3986, 5.2; a path without a base starts at the root, as in Go. */
export function inheritReference(parent: Reference, child: Reference): Reference {
  const { fragment } = child
  if (child.base === '') return { base: parent.base, fragment }
  const outer = URL.canParse(parent.base, NOWHERE) ? new URL(parent.base, NOWHERE).href : NOWHERE
  if (!URL.canParse(child.base, outer)) return child
  const base = new URL(child.base, outer).href
  return { base: base.startsWith(NOWHERE) ? base.slice(NOWHERE.length - 1) : base, fragment }
}

const NOWHERE = 'nowhere://nowhere/'

export function showReference({ base, fragment }: Reference): string {
  return fragment === '' ? base : `${base}#${encodeURI(fragment)}`
}
