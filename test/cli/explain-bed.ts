import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, inject } from 'vitest'
import { makeDevelopmentKeys } from '../../src/auth/make-development-keys.ts'
import { mintDevelopmentToken } from '../../src/auth/mint-development-token.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { findTestCompiler } from '../engine/compiler-bed.ts'

const ISSUER = 'https://id.example.com'

interface Minted {
  readonly subject?: string
  readonly roles?: readonly string[]
  readonly audience?: string
  readonly issuer?: string
  readonly expiresInMs?: number
  readonly claims?: Readonly<Record<string, unknown>>
}

/** The examples with an issuer of the test's own. */
export async function openExplainBed(nowMs: number) {
  const folder = await mkdtemp(join(tmpdir(), 'regate-explain-'))
  afterAll(() => rm(folder, { recursive: true, force: true }))
  const keys = join(folder, 'keys')
  const { publicFile } = await makeDevelopmentKeys(keys)
  const repository = new URL('../../', import.meta.url).pathname
  const { path: compiler } = await findTestCompiler()
  const settings = {
    listen: '127.0.0.1:0',
    admin: { listen: '127.0.0.1:0' },
    policies: join(repository, 'policies'),
    cache: inject('sharedCache'),
    compiler: { path: compiler },
    proxy: { trusted: ['127.0.0.0/8'], calls: 'http://regate:4182' },
    authentication: {
      tokens: { file: join(repository, 'tokens.yaml') },
      jwt: [{ issuer: ISSUER, audiences: ['apps'], keys: { file: publicFile }, algorithms: ['ES256'] }],
    },
  }
  const file = join(folder, 'regate.yaml')
  await writeFile(file, JSON.stringify(settings))
  const config = loadConfig({ file, environment: {}, folder })
  const mint = ({ subject = 'alice', roles = [], audience = 'apps', ...options }: Minted = {}) =>
    mintDevelopmentToken({
      folder: keys,
      algorithm: 'ES256',
      issuer: options.issuer ?? ISSUER,
      subject,
      audiences: [audience],
      roles,
      groups: [],
      expiresInMs: options.expiresInMs ?? 3_600_000,
      claims: options.claims ?? {},
      nowMs,
    })
  return { folder, file, config, mint }
}
