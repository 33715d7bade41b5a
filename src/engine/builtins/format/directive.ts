/** What stands between `%` and the verb. Widths and precisions count code points or digits. */
export interface Directive {
  readonly minus: boolean
  readonly plus: boolean
  readonly sharp: boolean
  readonly space: boolean
  readonly zero: boolean
  /** `+` and `#` before `v` and `w`, where they mean other things. */
  readonly plusV: boolean
  readonly sharpV: boolean
  readonly width: number | undefined
  readonly precision: number | undefined
}

export const PLAIN: Directive = {
  minus: false,
  plus: false,
  sharp: false,
  space: false,
  zero: false,
  plusV: false,
  sharpV: false,
  width: undefined,
  precision: undefined,
}

/** Fills a text up to the width: with zeros only on the left. */
export function pad(text: string, { width = 0, minus, zero }: Directive): string {
  if (width === 0) return text
  const missing = Math.max(0, width - countPoints(text))
  return minus ? text + ' '.repeat(missing) : (zero ? '0' : ' ').repeat(missing) + text
}

function countPoints(text: string): number {
  return text.length - (text.match(/[\ud800-\udbff]/g)?.length ?? 0)
}
