import { createHash } from 'node:crypto'
import { readFile, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { isRecord } from '../decision/is-record.ts'
import type { Artefact } from './compile-app.ts'
import type { AppSources } from './stage-app.ts'
import { writeWhole } from './write-whole.ts'

/** Changes with what Regate itself makes of the sources: the entry module, what is read from the tree, the flags of the build. */
const FORMAT = 'regate-app-7'

/** The hash of everything that decides what an app is compiled to. Data is not among it. */
export function artefactKey({ name, files, lib }: AppSources, fingerprint: string): string {
  const sources = [files, lib].map((list) => list.map(({ path, text }) => [path, text]))
  return sha256(JSON.stringify([FORMAT, fingerprint, name, ...sources]))
}

/** What was compiled under this key before, or `undefined` where it is absent or not whole. */
export async function readArtefact(cacheFolder: string, key: string): Promise<Artefact | undefined> {
  const { modulePath, notePath } = places(cacheFolder, key)
  try {
    const [wasm, noteText] = await Promise.all([readFile(modulePath), readFile(notePath, 'utf8')])
    const note: unknown = JSON.parse(noteText)
    if (!isRecord(note)) return undefined
    const { emittable, certain, usesLib, ruleNames, inputPaths, checksum } = note
    if (!isTextList(emittable) || !isTextList(certain) || !isTextList(usesLib)) return undefined
    if (!isTextList(ruleNames) || !isTextList(inputPaths)) return undefined
    const artefact = { wasm, emittable, certain, usesLib, ruleNames, inputPaths }
    if (checksumOf(artefact) !== checksum) return undefined
    await Promise.all([modulePath, notePath].map(touch))
    return artefact
  } catch {
    return undefined
  }
}

/** Keeps an artefact; its note vouches for both, also after a power cut. A cache that cannot be written costs time, not an app. */
export async function writeArtefact(cacheFolder: string, key: string, artefact: Artefact): Promise<void> {
  const { modulePath, notePath } = places(cacheFolder, key)
  const { wasm, ...lists } = artefact
  const note = JSON.stringify({ ...lists, checksum: checksumOf(artefact) })
  try {
    const files = [[modulePath, wasm] as const, [notePath, note] as const]
    await Promise.all(files.map(([path, content]) => writeWhole(path, content, { lasting: false })))
  } catch {
    // The next start compiles again.
  }
}

function places(cacheFolder: string, key: string) {
  return {
    modulePath: join(cacheFolder, 'apps', `${key}.wasm`),
    notePath: join(cacheFolder, 'apps', `${key}.json`),
  }
}

/** What is used stays: see `pruneCache`. */
async function touch(path: string): Promise<void> {
  const now = new Date()
  await utimes(path, now, now).catch(() => undefined)
}

function checksumOf({ wasm, emittable, certain, usesLib, ruleNames, inputPaths }: Artefact): string {
  return sha256(JSON.stringify([sha256(wasm), emittable, certain, usesLib, ruleNames, inputPaths]))
}

function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}
