export interface EnginePattern {
  readonly source: string
  /** Names of groups; Go lets a name stand for several. */
  readonly groups: ReadonlyMap<string, readonly number[]>
}

interface Scan {
  readonly pattern: string
  at: number
  isClass: boolean
  /** Whether `:]` may follow. */
  hasNamedClass: boolean
  groupCount: number
  readonly groups: Map<string, number[]>
}

/**
 * Rewrites a pattern in Go's syntax into the engine's, which is the same but for two things: Go allows one name for several
 * groups (the names are taken out), and in `\p{name}` it ignores case, `_`, `-` and blanks and takes the long names of
 * categories. What is no pattern stays none. Source: Go 1.26, package regexp/syntax.
 */
export function toEnginePattern(pattern: string): EnginePattern {
  const scan: Scan = { pattern, at: 0, isClass: false, hasNamedClass: true, groupCount: 0, groups: new Map() }
  const parts: string[] = []
  while (scan.at < pattern.length) parts.push(readPart(scan))
  return { source: parts.join(''), groups: scan.groups }
}

function readPart(scan: Scan): string {
  const character = scan.pattern.charAt(scan.at)
  if (character === '\\') return readEscape(scan)
  if (scan.isClass) return readInClass(scan, character)
  if (character === '(') return readParenthesis(scan)
  if (character === '[') {
    scan.isClass = true
    // A `]` that comes first is a member.
    return readPattern(scan, /\[\^?\]?/y)
  }
  return take(scan, 1)
}

function readInClass(scan: Scan, character: string): string {
  if (scan.hasNamedClass && scan.pattern.startsWith('[:', scan.at)) {
    const end = scan.pattern.indexOf(':]', scan.at + 2)
    if (end >= 0) return take(scan, end + 2 - scan.at)
    scan.hasNamedClass = false
  }
  if (character === ']') scan.isClass = false
  return take(scan, 1)
}

function readParenthesis(scan: Scan): string {
  const opening = readPattern(scan, /\((?:\?P?<[A-Za-z0-9_]+>)?/y)
  const name = /<(.+)>/.exec(opening)?.[1]
  if (name === undefined && scan.pattern[scan.at] === '?') return opening
  scan.groupCount += 1
  if (name !== undefined) scan.groups.set(name, [...(scan.groups.get(name) ?? []), scan.groupCount])
  return '('
}

function readEscape(scan: Scan): string {
  const sign = scan.pattern.charAt(scan.at + 1)
  if (sign === 'Q' && !scan.isClass) {
    const end = scan.pattern.indexOf('\\E', scan.at + 2)
    return take(scan, end < 0 ? scan.pattern.length : end + 2 - scan.at)
  }
  if (sign !== 'p' && sign !== 'P') return take(scan, 2)
  const isLong = scan.pattern[scan.at + 2] === '{'
  const end = isLong ? scan.pattern.indexOf('}', scan.at) : scan.at + 2
  // Again no pattern.
  if (end < 0) return take(scan, scan.pattern.length)
  const name = take(scan, end + 1 - scan.at).slice(isLong ? 3 : 2, isLong ? -1 : undefined)
  return isLong && name.startsWith('^')
    ? `\\${sign}{^${toKnownName(name.slice(1))}}`
    : `\\${sign}{${toKnownName(name)}}`
}

function readPattern(scan: Scan, sticky: RegExp): string {
  sticky.lastIndex = scan.at
  return take(scan, sticky.exec(scan.pattern)?.[0].length ?? 1)
}

function take(scan: Scan, length: number): string {
  const text = scan.pattern.slice(scan.at, scan.at + length)
  scan.at += length
  return text
}

/** As in Go, scripts whose name holds `_` are out of reach. */
function toKnownName(name: string): string {
  const plain = name.replaceAll(/[_\- ]/g, '')
  const rest = plain.slice(1).replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())
  const canonical = plain.charAt(0).replace(/[a-z]/, (letter) => letter.toUpperCase()) + rest
  if (NEWER_SCRIPTS.has(canonical)) return ''
  return CATEGORIES.get(canonical) ?? canonical
}

/** Known to the engine, not to Go 1.26 with its Unicode 15. */
const NEWER_SCRIPTS = new Set(['Garay', 'Sidetic', 'Sunuwar', 'Todhri'])

const CATEGORIES = new Map([
  ['Casedletter', 'Lc'],
  ['Closepunctuation', 'Pe'],
  ['Cntrl', 'Cc'],
  ['Combiningmark', 'M'],
  ['Connectorpunctuation', 'Pc'],
  ['Control', 'Cc'],
  ['Currencysymbol', 'Sc'],
  ['Dashpunctuation', 'Pd'],
  ['Decimalnumber', 'Nd'],
  ['Digit', 'Nd'],
  ['Enclosingmark', 'Me'],
  ['Finalpunctuation', 'Pf'],
  ['Format', 'Cf'],
  ['Initialpunctuation', 'Pi'],
  ['Letter', 'L'],
  ['Letternumber', 'Nl'],
  ['Lineseparator', 'Zl'],
  ['Lowercaseletter', 'Ll'],
  ['Mark', 'M'],
  ['Mathsymbol', 'Sm'],
  ['Modifierletter', 'Lm'],
  ['Modifiersymbol', 'Sk'],
  ['Nonspacingmark', 'Mn'],
  ['Number', 'N'],
  ['Openpunctuation', 'Ps'],
  ['Other', 'C'],
  ['Otherletter', 'Lo'],
  ['Othernumber', 'No'],
  ['Otherpunctuation', 'Po'],
  ['Othersymbol', 'So'],
  ['Paragraphseparator', 'Zp'],
  ['Privateuse', 'Co'],
  ['Punct', 'P'],
  ['Punctuation', 'P'],
  ['Separator', 'Z'],
  ['Spaceseparator', 'Zs'],
  ['Spacingmark', 'Mc'],
  ['Surrogate', 'Cs'],
  ['Symbol', 'S'],
  ['Titlecaseletter', 'Lt'],
  ['Unassigned', 'Cn'],
  ['Uppercaseletter', 'Lu'],
])
