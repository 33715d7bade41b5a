import { RegateError } from '../errors.ts'
import type { AuthenticationOptions, AuthenticationPorts, IssuerOptions } from './authentication-options.ts'
import { createKeySource } from './create-key-source.ts'
import type { KeySource } from './key-set.ts'
import { SIGNATURE_ALGORITHMS } from './to-verification-key.ts'

/** A configured issuer with its own keys. */
export interface Issuer {
  readonly options: IssuerOptions
  readonly keys: KeySource
}

/** By exact `iss`. */
export type Issuers = ReadonlyMap<string, Issuer>

type Settings = Pick<AuthenticationOptions, 'jwt' | 'keyFetch'> & { readonly checkMs: number }

/**
 * Opens every issuer's keys. Throws `CONFIG_INVALID` for an issuer that is there twice, for one without audiences, for
 * algorithms that are not asymmetric signatures, and for keys that cannot be opened; nothing stays open then.
 */
export async function createIssuers(settings: Settings, ports: AuthenticationPorts): Promise<Issuers> {
  const issuers = new Map<string, Issuer>()
  try {
    for (const options of settings.jwt) {
      if (issuers.has(options.issuer)) throw refused(options, 'is there twice')
      refuseWeakOptions(options)
      issuers.set(options.issuer, { options, keys: await createKeySource(options, settings, ports) })
    }
  } catch (error) {
    for (const { keys } of issuers.values()) keys.close()
    throw error
  }
  return issuers
}

function refuseWeakOptions(options: IssuerOptions): void {
  if (options.audiences.length === 0) throw refused(options, 'has no audiences')
  if (options.algorithms.length === 0) throw refused(options, 'has no algorithms')
  const weak = options.algorithms.find((name) => !SIGNATURE_ALGORITHMS.has(name))
  if (weak !== undefined) throw refused(options, `names ${weak}, which is no asymmetric signature algorithm`)
}

function refused({ issuer }: IssuerOptions, problem: string): RegateError {
  return new RegateError('CONFIG_INVALID', `the issuer ${issuer} ${problem}`)
}
