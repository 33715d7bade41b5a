import type { AuthenticationOptions, AuthenticationPorts, IssuerOptions } from './authentication-options.ts'
import { createFollowedFile } from './create-followed-file.ts'
import { createRemoteKeys } from './create-remote-keys.ts'
import type { KeySource } from './key-set.ts'
import { parseKeyFile } from './parse-key-file.ts'

type Settings = Pick<AuthenticationOptions, 'keyFetch'> & { readonly checkMs: number }

/** The keys of one issuer, wherever they lie. Throws `CONFIG_INVALID` for a broken file or an address not permitted. */
export async function createKeySource(
  issuer: IssuerOptions,
  settings: Settings,
  ports: AuthenticationPorts,
): Promise<KeySource> {
  const { keys } = issuer
  if (keys.kind !== 'file') return createRemoteKeys(issuer, settings.keyFetch, ports)
  const file = await createFollowedFile({
    file: keys.path,
    parse: parseKeyFile,
    checkMs: settings.checkMs,
    onEvent: ports.onEvent,
  })
  return {
    current: file.current,
    isSettled: () => true,
    lookAgain: async () => {},
    status: () => ({ usableKeys: file.current().keys.length, ...pickError(file.status()) }),
    close: file.close,
  }
}

function pickError({ error }: { readonly error?: string }): { readonly error?: string } {
  return error === undefined ? {} : { error }
}
