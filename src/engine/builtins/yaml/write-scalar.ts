import { resolvePlain } from './resolve-plain.ts'

/** Where a scalar stands: as a key before a colon it must stay on its line. */
export interface ScalarPlace {
  readonly isKey: boolean
  /** What the lines of a block start with. */
  readonly padding: string
}

/** A text without U+2028 and U+2029 as go-yaml writes it: plain where nothing else could be read, else quoted; with line feeds a literal block. */
export function writeText(text: string, { isKey, padding }: ScalarPlace): string {
  if (text.includes('\n')) return isKey || !mayBeBlock(text) ? writeDouble(text) : writeBlock(text, padding)
  if (!isPlainText(text) || text === '') return writeDouble(text)
  if (mayBePlain(text)) return text
  return UNPRINTABLE.test(text) ? writeDouble(text) : `'${text.replaceAll("'", "''")}'`
}

/** A float as Go's `FormatFloat(…, 'g', -1, 64)`: an exponent from a million on and below a ten-thousandth. */
export function writeFloat(value: number): string {
  if (Object.is(value, -0)) return '-0'
  const [digits = '', exponent = ''] = value.toExponential().split('e')
  const power = Number(exponent)
  if (value !== 0 && (power < -4 || power >= FIRST_EXPONENT)) {
    return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`
  }
  return String(value)
}

const FIRST_EXPONENT = 6

/** What YAML 1.1 took for a boolean or for a number to the base of 60 is quoted for its readers. */
function isPlainText(text: string): boolean {
  if (/^(?:y|Y|yes|Yes|YES|on|On|ON|n|N|no|No|NO|off|Off|OFF)$/.test(text)) return false
  if (/^[-+]?\d[\d_]*(?::[0-5]?\d)+(?:\.[\d_]*)?$/.test(text)) return false
  return resolvePlain(text).kind === 'string'
}

const UNPRINTABLE = /[^\n\x20-\x7e\u{a0}-\u{d7ff}\u{e000}-\u{fefe}\u{ff00}-\u{fffd}]/u

function mayBePlain(text: string): boolean {
  if (UNPRINTABLE.test(text) || /^ | $/.test(text)) return false
  if (/^(?:---|\.\.\.)|^[#,[\]{}&*!|>'"%@`]|^[-?:](?:[ \t]|$)/.test(text)) return false
  return !/:(?:[ \t]|$)|[ \t]#/.test(text)
}

function mayBeBlock(text: string): boolean {
  return !UNPRINTABLE.test(text.replaceAll('\t', '')) && !/ (?:$|\n)/.test(text)
}

function writeBlock(text: string, padding: string): string {
  const hint = /^[ \n]/.test(text) ? '2' : ''
  const chomp = !text.endsWith('\n') ? '-' : /^\n$|\n\n$/.test(text) ? '+' : ''
  const lines = text.split('\n').map((line) => (line === '' ? '' : padding + line))
  return `|${hint}${chomp}\n${lines.join('\n')}`
}

const SHORT = new Map([
  ['\0', '0'],
  ['\x07', 'a'],
  ['\b', 'b'],
  ['\t', 't'],
  ['\n', 'n'],
  ['\v', 'v'],
  ['\f', 'f'],
  ['\r', 'r'],
  ['\x1b', 'e'],
  ['"', '"'],
  ['\\', '\\'],
  ['\u0085', 'N'],
  ['\u00a0', '_'],
])

/** Of a text that starts with a byte order mark every character is escaped. */
function writeDouble(text: string): string {
  const all = text.startsWith('\u{feff}')
  const parts = Array.from(text).map((character) => {
    if (!all && !/["\\\n]/.test(character) && !UNPRINTABLE.test(character)) return character
    return `\\${SHORT.get(character) ?? writeCode(character.codePointAt(0) ?? 0)}`
  })
  return `"${parts.join('')}"`
}

function writeCode(code: number): string {
  const [letter, width] = code <= 0xff ? ['x', 2] : code <= 0xffff ? ['u', 4] : ['U', 8]
  return letter + code.toString(16).toUpperCase().padStart(width, '0')
}
