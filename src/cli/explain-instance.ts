import type { AppStatus } from '../catalog/catalog-status.ts'
import { isRecord } from '../decision/is-record.ts'
import { RegateError } from '../errors.ts'
import { askInstance } from './explain-find.ts'
import type { ExplainedInstance } from './explain-document.ts'

/**
 * Asks a running Regate whether it serves the version of the app that the folder holds: only then the explanation is its own.
 * Throws `CONFIG_INVALID` where it cannot be asked.
 */
export async function explainInstance(
  origin: string,
  app: Pick<AppStatus, 'name' | 'hashInService'> | undefined,
): Promise<ExplainedInstance> {
  const status = parseStatus(await askInstance(new URL('/status', origin)))
  if (status === undefined)
    throw new RegateError('CONFIG_INVALID', `${origin} does not answer /status as Regate does.`)
  if (app === undefined) return { url: origin, serves: 'nothing to compare' }
  const served = status.find(({ name }) => name === app.name)
  if (served === undefined) return { url: origin, serves: 'no such app' }
  const isSame = served.hash !== undefined && served.hash === app.hashInService
  return { url: origin, serves: isSame ? 'this version' : 'another version' }
}

interface ServedApp {
  readonly name: string
  readonly hash: string | undefined
}

function parseStatus(text: string | undefined): readonly ServedApp[] | undefined {
  const status = parseJson(text ?? '')
  if (!isRecord(status) || !Array.isArray(status['apps'])) return undefined
  return status['apps'].filter(isRecord).map(({ name, hashInService }) => ({
    name: String(name),
    hash: typeof hashInService === 'string' ? hashInService : undefined,
  }))
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
