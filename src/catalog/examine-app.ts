import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isRecord } from '../decision/is-record.ts'
import type { Examiner } from '../engine/create-examiner.ts'
import type { Examination, PolicyCode } from '../engine/evaluation-message.ts'
import { RegateError } from '../errors.ts'
import { refuseDisagreement } from './refuse-disagreement.ts'
import type { WantedApp } from './wanted-app.ts'
import { writeWhole } from './write-whole.ts'

interface ExaminationTools {
  readonly examiner: Examiner
  /** Where it is kept what became of an examination, so that a restart examines nothing again. */
  readonly cacheFolder: string | undefined
}

/** Changes with the examination itself. */
const FORMAT = 'regate-examination-1'

/**
 * Tries a version in another process before it goes into service: every sample input is evaluated by our evaluator and by
 * OPA's SDK. The same code, tables and samples are tried once.
 * @throws SECOND_OPINION_DIFFERS where the two come to different results, MODULE_INVALID where every sample fails,
 * DATA_INVALID, POLICY_TOO_SLOW, EXAMINATION_FAILED
 */
export async function examineApp(
  wanted: WantedApp,
  { policy, samples }: { readonly policy: PolicyCode; readonly samples: readonly object[] },
  { examiner, cacheFolder }: ExaminationTools,
): Promise<Examination> {
  const inputs = samples.map((sample) => JSON.stringify(sample))
  const path = cacheFolder === undefined ? undefined : toPath(cacheFolder, policy, inputs)
  const known = path === undefined ? undefined : await recall(path, inputs.length)
  if (known !== undefined) return known
  const examination = await examine(wanted, policy, inputs, examiner)
  if (path !== undefined) await keep(path, examination)
  return examination
}

async function examine(
  wanted: WantedApp,
  policy: PolicyCode,
  inputs: readonly string[],
  examiner: Examiner,
): Promise<Examination> {
  try {
    const examination = await examiner.examine(policy, inputs)
    judge(examination, inputs)
    return examination
  } catch (cause) {
    if (!(cause instanceof RegateError)) throw cause
    const { code, message, location } = place(cause, wanted)
    throw new RegateError(code, message, { cause, location })
  }
}

function judge(examination: Examination, inputs: readonly string[]): void {
  const failures = examination.evaluations.flatMap(({ failure }) => failure ?? [])
  if (failures.length > 0 && failures.length === inputs.length)
    throw new RegateError('MODULE_INVALID', `every evaluation fails: ${failures[0]}`)
  refuseDisagreement(examination, inputs)
}

function place({ code, message }: RegateError, { file, tables: [table] }: WantedApp) {
  const location = { file, row: 1, column: 1 }
  // What the module itself could not do shows as MODULE_INVALID.
  if (code === 'EVALUATION_FAILED' && table !== undefined)
    return {
      code: 'DATA_INVALID',
      message: `the tables cannot be loaded into the policy: ${message}`,
      location: { ...location, file: table.path },
    } as const
  if (code === 'POLICY_TOO_SLOW')
    return {
      code,
      message: `trying the sample requests: ${message}; does a rule loop over a large table?`,
      location,
    }
  if (code === 'EXAMINATION_FAILED')
    return { code, message: `the process that tries new versions: ${message}`, location }
  return { code, message, location }
}

function toPath(cacheFolder: string, { bytes, dataJson }: PolicyCode, inputs: readonly string[]): string {
  const hash = createHash('sha256').update(FORMAT).update(bytes)
  for (const text of [dataJson, ...inputs]) hash.update(`\n${text}`)
  return join(cacheFolder, 'examined', `${hash.digest('hex')}.json`)
}

async function recall(path: string, count: number): Promise<Examination | undefined> {
  try {
    const known: unknown = JSON.parse(await readFile(path, 'utf8'))
    return isExamination(known) && known.evaluations.length === count ? known : undefined
  } catch {
    return undefined
  }
}

async function keep(path: string, examination: Examination): Promise<void> {
  try {
    await writeWhole(path, JSON.stringify(examination), { lasting: false })
  } catch {
    // The next start examines it again.
  }
}

/** What was kept had no disagreement. */
function isExamination(value: unknown): value is Examination {
  if (!isRecord(value) || !Array.isArray(value['evaluations'])) return false
  return value['evaluations'].every((one) => isRecord(one) && typeof one['durationMs'] === 'number')
}
