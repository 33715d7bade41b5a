export interface Outcome {
  readonly topic: string
  readonly id: string
  readonly kind: 'passed' | 'failed' | 'skipped'
  /** What is wrong, or why the case is skipped; empty where it passed. */
  readonly why: string
}

/**
 * Prints passes by topic, reasons to skip with their numbers, and every surprise. Returns whether all is as expected:
 * what fails is among the exceptions, and none of them passes. `isWhole`: the exceptions were written for these very cases,
 * so that what is skipped must be among them too.
 */
export function printReport(
  outcomes: readonly Outcome[],
  exceptions: ReadonlyMap<string, string>,
  isWhole: boolean,
): boolean {
  for (const [topic, group] of groupBy(outcomes, 'topic')) {
    console.log(`${topic}: ${count(group, 'passed')} of ${group.length}`)
  }
  const skipped = outcomes.filter(({ kind }) => kind === 'skipped')
  for (const [why, group] of groupBy(skipped, 'why')) console.log(`skipped ${group.length}: ${why}`)
  const surprises = outcomes.flatMap((outcome) => findSurprise(outcome, exceptions, isWhole))
  for (const surprise of surprises) console.log(surprise)
  console.log(
    `${count(outcomes, 'passed')} passed, ${count(outcomes, 'failed')} failed, ${skipped.length} skipped`,
  )
  return surprises.length === 0
}

function findSurprise(
  { id, kind, why }: Outcome,
  exceptions: ReadonlyMap<string, string>,
  isWhole: boolean,
): string[] {
  const isListed = exceptions.has(id)
  switch (kind) {
    case 'passed':
      return isListed ? [`passes but is in exceptions.json: ${id}`] : []
    case 'failed':
      return isListed ? [] : [`FAILED ${id}\n  ${why}`]
    case 'skipped':
      return isListed || !isWhole ? [] : [`skipped but not in exceptions.json: ${id}`]
    default:
      throw new TypeError('no such outcome', { cause: kind satisfies never })
  }
}

function count(outcomes: readonly Outcome[], wanted: Outcome['kind']): number {
  return outcomes.filter(({ kind }) => kind === wanted).length
}

function groupBy(outcomes: readonly Outcome[], field: 'topic' | 'why'): Map<string, Outcome[]> {
  return Map.groupBy(outcomes, (outcome) => outcome[field])
}
