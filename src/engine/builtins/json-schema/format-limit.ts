/** A number as Go prints a `big.Float` with `%v`: an exponent from a million on and below a ten-thousandth. */
export function formatLimit(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d*)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? []
  const all = (whole + fraction).replace(/^0+/, '')
  const digits = all.replace(/0+$/, '')
  if (digits === '') return '0'
  const power = Number(exponent) + whole.length - (whole.length + fraction.length - all.length) - 1
  if (power < -4 || power >= 6) return `${sign}${point(digits, 1)}e${writePower(power)}`
  return (
    sign +
    (power < 0 ? `0.${'0'.repeat(-power - 1)}${digits}` : point(digits.padEnd(power + 1, '0'), power + 1))
  )
}

function point(digits: string, at: number): string {
  return digits.length > at ? `${digits.slice(0, at)}.${digits.slice(at)}` : digits
}

function writePower(power: number): string {
  return `${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`
}
