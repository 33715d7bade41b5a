import { readFile } from 'node:fs/promises'
import { importJWK, type JWK, SignJWT } from 'jose'
import { isRecord } from '../decision/is-record.ts'
import { RegateError } from '../errors.ts'
import { type DevelopmentAlgorithm, developmentKeyFiles } from './make-development-keys.ts'

export interface DevelopmentTokenOptions {
  /** Where `makeDevelopmentKeys` put its keys. */
  readonly folder: string
  readonly algorithm: DevelopmentAlgorithm
  readonly issuer: string
  readonly subject: string
  readonly audiences: readonly string[]
  readonly roles: readonly string[]
  readonly groups: readonly string[]
  /** Negative: a token that has expired. */
  readonly expiresInMs: number
  /** Further claims; they win over all others. */
  readonly claims: { readonly [name: string]: unknown }
  /** Milliseconds since the epoch. */
  readonly nowMs: number
}

/** A signed token for development. Throws `CONFIG_INVALID` where the folder holds no key of the algorithm. */
export async function mintDevelopmentToken(options: DevelopmentTokenOptions): Promise<string> {
  const key = await readPrivateKey(options)
  return new SignJWT(toClaims(options))
    .setProtectedHeader({ alg: options.algorithm, kid: key.kid ?? '', typ: 'JWT' })
    .sign(await importJWK(key, options.algorithm))
}

function toClaims({
  issuer,
  subject,
  audiences,
  roles,
  groups,
  expiresInMs,
  claims,
  nowMs,
}: DevelopmentTokenOptions) {
  const issuedAt = Math.floor(nowMs / 1000)
  return {
    iss: issuer,
    sub: subject,
    aud: [...audiences],
    roles,
    groups,
    iat: issuedAt,
    exp: issuedAt + Math.round(expiresInMs / 1000),
    ...claims,
  }
}

async function readPrivateKey({ folder, algorithm }: DevelopmentTokenOptions): Promise<JWK> {
  const { privateFile } = developmentKeyFiles(folder)
  const key = (await readKeys(privateFile)).find((entry) => entry.alg === algorithm)
  if (key) return key
  throw new RegateError('CONFIG_INVALID', `${privateFile} holds no key for ${algorithm}`)
}

async function readKeys(file: string): Promise<readonly JWK[]> {
  try {
    const document: unknown = JSON.parse(await readFile(file, 'utf8'))
    return isRecord(document) && Array.isArray(document['keys']) ? document['keys'].filter(isRecord) : []
  } catch {
    throw new RegateError('CONFIG_INVALID', `${file} cannot be read; regate token keys makes it`)
  }
}
