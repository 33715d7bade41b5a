import { ADVISORIES, type Advisory } from './advisories.ts'
import { compareVersions } from './compare-versions.ts'
import type { Examination } from './examination.ts'
import type { CheckResult } from './finding.ts'

/** Known faults of the version that runs. */
export function findAdvisories({ state: { version } }: Pick<Examination, 'state'>): CheckResult {
  if (compareVersions(version, version) === undefined)
    return { findings: [], notVisible: [`known faults: ${version || 'the version'} is no released version`] }
  const known = ADVISORIES.filter((advisory) => isAffected(version, advisory))
  if (known.length === 0) return { findings: [], notVisible: [] }
  const whole =
    known
      .map((advisory) => toNextFix(version, advisory))
      .toSorted(byVersion)
      .at(-1) ?? ''
  return {
    findings: [
      {
        code: 'VERSION_ADVISORY',
        severity: 'error',
        subject: `Traefik ${version}`,
        message: known.map(({ id, summary, source }) => `${id}: ${summary} (${source})`).join('; '),
        mend: `update to ${whole} or newer`,
      },
    ],
    notVisible: [],
  }
}

/** A line with a fix of its own is whole from there on; any other is whole only above the newest fix. */
function isAffected(version: string, { fixed, since }: Advisory): boolean {
  if (since !== undefined && byVersion(version, since) < 0) return false
  const own = fixed.find((fix) => toLine(fix) === toLine(version))
  return byVersion(version, own ?? fixed.toSorted(byVersion).at(-1) ?? version) < 0
}

/** The nearest newer version without it. */
function toNextFix(version: string, { fixed }: Advisory): string {
  return fixed.toSorted(byVersion).find((fix) => byVersion(version, fix) < 0) ?? version
}

function toLine(version: string): string {
  return version.replace(/^v/, '').split('.', 2).join('.')
}

function byVersion(one: string, other: string): number {
  return compareVersions(one, other) ?? 0
}
