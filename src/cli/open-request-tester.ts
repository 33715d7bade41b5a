import { createFollowedFile } from '../auth/create-followed-file.ts'
import { createImpersonator } from '../auth/create-impersonator.ts'
import { parseTokenTable } from '../auth/parse-token-table.ts'
import type { RequestTester } from '../catalog/request-tester.ts'
import type { Config } from '../config/to-config.ts'
import { createRequestTester } from '../create-request-tester.ts'
import { readVersion } from '../observe/read-version.ts'

/**
 * Makes what runs request tables with the callers and settings of a configuration. Asks no key server. `now` is in
 * milliseconds since the epoch. Rejects with CONFIG_INVALID where the file of static tokens cannot be used.
 */
export async function openRequestTester(config: Config, now: () => number): Promise<RequestTester> {
  const { tokens, jwt, limits } = config.authentication
  const table = tokens === undefined ? undefined : await readOnce(tokens.file)
  const impersonate = createImpersonator({ jwt, limits, tokens: () => table })
  return createRequestTester(config, { impersonate, now, version: readVersion() })
}

async function readOnce(file: string) {
  const parse = (text: string) => parseTokenTable(file, text)
  const followed = await createFollowedFile({ file, parse, checkMs: 1_000, onEvent: () => undefined })
  followed.close()
  return followed.current()
}
