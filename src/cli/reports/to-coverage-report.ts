import type { FileCoverage } from '../../catalog/coverage.ts'
import { toPlainText } from './to-plain-text.ts'

interface CoverageSum {
  readonly covered: number
  readonly coverable: number
}

/** For people: of each file how many lines are covered, and which are not. */
export function toCoverageReport(files: readonly FileCoverage[]): string {
  const width = Math.max(0, ...files.map(({ file }) => file.length))
  const lines = files.map((file) => toLine(file, width))
  return toPlainText(`\ncoverage by line\n${lines.join('')}`)
}

export function sumCoverage(files: readonly FileCoverage[]): CoverageSum {
  const sum = (lines: (file: FileCoverage) => readonly number[]) =>
    files.reduce((total, file) => total + lines(file).length, 0)
  return { covered: sum(({ covered }) => covered), coverable: sum(({ coverable }) => coverable) }
}

/** With one decimal, cut and not rounded: 100 is all. Of nothing all is covered. */
export function toPercent({ covered, coverable }: CoverageSum): number {
  return coverable === 0 ? 100 : Math.floor((covered * 1000) / coverable) / 10
}

function toLine(file: FileCoverage, width: number): string {
  const sum = sumCoverage([file])
  const share = `${toPercent(sum).toFixed(1).padStart(5)} %`
  const missed = toRanges(file)
  const rest = missed === '' ? '' : `  not reached: ${missed}`
  return `  ${file.file.padEnd(width)} ${share}  ${sum.covered}/${sum.coverable}${rest}\n`
}

/** `3, 7-9`: lines between which nothing was reached are one range, whatever stands between them. */
function toRanges({ coverable, covered }: FileCoverage): string {
  const reached = new Set(covered)
  const ranges: { from: number; to: number }[] = []
  let isOpen = false
  for (const row of coverable) {
    const last = ranges.at(-1)
    if (reached.has(row)) isOpen = false
    else if (isOpen && last !== undefined) last.to = row
    else {
      ranges.push({ from: row, to: row })
      isOpen = true
    }
  }
  return ranges.map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`)).join(', ')
}
