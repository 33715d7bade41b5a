/** The order in which go-yaml writes keys: letters after all else, runs of digits by their value. Source: go-yaml 3, sorter.go. */
export function compareYamlKeys(left: string, right: string): number {
  const [one, other] = [Array.from(left), Array.from(right)]
  const shared = Math.min(one.length, other.length)
  let at = 0
  while (at < shared && one[at] === other[at]) at += 1
  if (at === shared) return one.length - other.length
  const [first = '', second = ''] = [one[at], other[at]]
  const [isLetter, isOtherLetter] = [LETTER.test(first), LETTER.test(second)]
  if (isLetter && isOtherLetter) return comparePoints(first, second)
  if (isLetter || isOtherLetter) {
    const comesFirst = DIGIT.test(one[at - 1] ?? '') ? isLetter : isOtherLetter
    return comesFirst ? -1 : 1
  }
  return compareNumbers(one, other, at)
}

const LETTER = /^\p{L}$/u
const DIGIT = /^\p{Nd}$/u

function compareNumbers(one: readonly string[], other: readonly string[], at: number): number {
  const start = one[at] === '0' || other[at] === '0' ? readStart(one, at) : 0n
  const [left, right] = [readRun(one, at, start), readRun(other, at, start)]
  if (left.value !== right.value) return left.value < right.value ? -1 : 1
  return left.end === right.end ? comparePoints(one[at] ?? '', other[at] ?? '') : left.end - right.end
}

/** 1 where the shared digits before this place hold one that is not zero. */
function readStart(characters: readonly string[], at: number): bigint {
  for (let index = at - 1; DIGIT.test(characters[index] ?? ''); index -= 1) {
    if (characters[index] !== '0') return 1n
  }
  return 0n
}

function readRun(characters: readonly string[], at: number, start: bigint) {
  let [value, end] = [start, at]
  for (; DIGIT.test(characters[end] ?? ''); end += 1) {
    value = BigInt.asIntN(64, value * 10n + BigInt((characters[end]?.codePointAt(0) ?? 0) - ZERO))
  }
  return { value, end }
}

const ZERO = 0x30

function comparePoints(left: string, right: string): number {
  return (left.codePointAt(0) ?? 0) - (right.codePointAt(0) ?? 0)
}
