import { mkdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose'
import { RegateError } from '../errors.ts'

/** The algorithms of which a development key set has a key, the default one first. */
export const DEVELOPMENT_ALGORITHMS = ['ES256', 'RS256'] as const
export type DevelopmentAlgorithm = (typeof DEVELOPMENT_ALGORITHMS)[number]

export interface DevelopmentKeys {
  /** For `mintDevelopmentToken` alone; mode 0600. */
  readonly privateFile: string
  /** A JSON Web Key Set for `keys: { file: … }`. */
  readonly publicFile: string
  readonly keyIds: readonly string[]
}

/** Where the files of a key set lie in its folder. */
export function developmentKeyFiles(folder: string): Pick<DevelopmentKeys, 'privateFile' | 'publicFile'> {
  return { privateFile: join(folder, 'private-jwks.json'), publicFile: join(folder, 'jwks.json') }
}

/**
 * Makes a key pair an algorithm, for development only, in a folder that is made if need be.
 * Throws `CONFIG_INVALID` where a key set lies there already: keys are never overwritten.
 */
export async function makeDevelopmentKeys(folder: string): Promise<DevelopmentKeys> {
  const files = developmentKeyFiles(folder)
  await mkdir(folder, { recursive: true })
  await refuseExisting(files.privateFile)
  await refuseExisting(files.publicFile)
  const pairs = await Promise.all(DEVELOPMENT_ALGORITHMS.map(makePair))
  await writeKeySet(
    files.privateFile,
    pairs.map(({ privateKey }) => privateKey),
    0o600,
  )
  await writeKeySet(
    files.publicFile,
    pairs.map(({ publicKey }) => publicKey),
    0o644,
  )
  return { ...files, keyIds: pairs.map(({ id }) => id) }
}

async function makePair(alg: DevelopmentAlgorithm) {
  const pair = await generateKeyPair(alg, { extractable: true })
  const publicJwk = await exportJWK(pair.publicKey)
  const id = await calculateJwkThumbprint(publicJwk)
  const labels = { kid: id, alg, use: 'sig' }
  return {
    id,
    publicKey: { ...publicJwk, ...labels },
    privateKey: { ...(await exportJWK(pair.privateKey)), ...labels },
  }
}

async function refuseExisting(file: string): Promise<void> {
  const found = await stat(file).catch(() => undefined)
  if (found) throw new RegateError('CONFIG_INVALID', `${file} is there already and is not overwritten`)
}

async function writeKeySet(file: string, keys: readonly JWK[], mode: number): Promise<void> {
  await writeFile(file, `${JSON.stringify({ keys }, undefined, 2)}\n`, { mode, flag: 'wx' })
}
