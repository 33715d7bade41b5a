/** A piece of a layout: text that stands for itself, then what it is followed by; the last has no element. */
export interface LayoutPiece {
  readonly literal: string
  /** As it is written: `2006`, `Jan`, `.000`; empty at the end. */
  readonly element: string
}

/** The constants that OPA knows by name. Source: Go, time/format.go; OPA, v1/topdown/time.go. */
const CONSTANTS = new Map([
  ['ANSIC', 'Mon Jan _2 15:04:05 2006'],
  ['UnixDate', 'Mon Jan _2 15:04:05 MST 2006'],
  ['RubyDate', 'Mon Jan 02 15:04:05 -0700 2006'],
  ['RFC822', '02 Jan 06 15:04 MST'],
  ['RFC822Z', '02 Jan 06 15:04 -0700'],
  ['RFC850', 'Monday, 02-Jan-06 15:04:05 MST'],
  ['RFC1123', 'Mon, 02 Jan 2006 15:04:05 MST'],
  ['RFC1123Z', 'Mon, 02 Jan 2006 15:04:05 -0700'],
  ['RFC3339', '2006-01-02T15:04:05Z07:00'],
  ['RFC3339Nano', '2006-01-02T15:04:05.999999999Z07:00'],
])

/** In the order in which Go tries them; `_2006` is a year after an underscore. */
const ELEMENTS = new RegExp(
  [
    'January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST',
    '0[1-6]|002|15|1|2006|2|_2(?!006)|__2|[345]|PM|pm',
    '[-Z](?:070000|07:00:00|0700|07:00|07)',
    '[.,](?:0+|9+)(?![0-9])',
  ].join('|'),
  'g',
)

/** Cuts a layout, or the constant of that name, as Go does. */
export function parseLayout(layout: string): LayoutPiece[] {
  const text = CONSTANTS.get(layout) ?? layout
  const pieces: LayoutPiece[] = []
  let at = 0
  for (const { 0: element, index } of text.matchAll(ELEMENTS)) {
    pieces.push({ literal: text.slice(at, index), element })
    at = index + element.length
  }
  return [...pieces, { literal: text.slice(at), element: '' }]
}

/** How many digits `.000` and `.999` ask for; Go keeps twelve bits of it. */
export function countFractionDigits(element: string): number {
  return (element.length - 1) % 4096
}

export const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]
export const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
