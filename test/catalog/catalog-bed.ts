import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, expect } from 'vitest'
import { type Catalog, type CatalogSettings, createCatalog } from '../../src/catalog/catalog.ts'
import type { CatalogEvent } from '../../src/catalog/catalog-event.ts'
import type { CompilerSource } from '../../src/catalog/lazy-compiler.ts'
import { createExaminer } from '../../src/engine/create-examiner.ts'
import { openCompilerBed } from '../engine/compiler-bed.ts'

export interface CatalogBed {
  readonly folder: string
  readonly catalog: Catalog
  readonly events: readonly CatalogEvent[]
  /** Calls at every event from now on, when the change is in force already. Returns how to end that. */
  readonly onEvent: (listener: () => void) => () => void
  readonly write: (path: string, content: Content) => Promise<void>
  /** Write aside and rename, as careful editors do. */
  readonly save: (path: string, text: string) => Promise<void>
  readonly remove: (path: string) => Promise<void>
  readonly move: (from: string, to: string) => Promise<void>
  /** What a request meets: the policy's message, `nobody` or `closed` (503). */
  readonly ask: (host: string, path?: string) => string
  readonly status: (app: string) => ReturnType<Catalog['status']>['apps'][number] | undefined
  /** Waits for a state, up to 25 s. */
  readonly until: (state: () => unknown) => Promise<void>
  /** Waits for an assertion to hold. */
  readonly untilAsked: (host: string, answer: string) => Promise<void>
  readonly untilRejected: (app: string, code: string) => Promise<void>
}

type Content = string | Uint8Array

type Options = Partial<CatalogSettings> & { readonly start?: boolean }

/** A started catalog with the real compiler on a temporary folder. One cache serves the tests of a file, or the one given. */
export async function openCatalogBeds(
  cache: { readonly cacheFolder?: string } = {},
): Promise<(files: Readonly<Record<string, Content>>, options?: Options) => Promise<CatalogBed>> {
  const { compiler } = await openCompilerBed(cache)
  const examiner = createExaminer()
  afterAll(examiner.close)
  const open: Array<() => Promise<void>> = []
  const folders: string[] = []
  afterEach(async () => {
    for (const close of open.splice(0)) await close()
  })
  afterAll(async () => {
    for (const folder of folders) await rm(folder, { recursive: true, force: true })
  })
  return async (files, options = {}) => {
    const folder = join(await mkdtemp(join(tmpdir(), 'regate-policies-')), 'policies')
    folders.push(dirname(folder))
    await mkdir(folder)
    for (const [path, content] of Object.entries(files)) await writeInto(folder, path, content)
    const bed = toBed(folder, compiler, { examiner, ...options })
    open.push(bed.catalog.close)
    if (options.start !== false) await bed.catalog.start()
    return bed
  }
}

function toBed(folder: string, compiler: CompilerSource, options: Options): CatalogBed {
  const events: CatalogEvent[] = []
  const listeners = new Set<() => void>()
  const onEvent = (event: CatalogEvent) => {
    events.push(event)
    for (const listener of listeners) listener()
  }
  const settings = { folder, compiler, settleMs: 120, rescanMs: 60_000, ...options }
  const catalog = createCatalog(settings, { onEvent, now: Date.now })
  const ask: CatalogBed['ask'] = (host, path = '/') => {
    const segments = path.split('/').filter(Boolean)
    const app = catalog.current().find(host, segments)
    if (app === undefined) return 'nobody'
    if (app.evaluate === undefined) return 'closed'
    const verdict = app.evaluate({
      request: { host, path, path_segments: segments },
      app: { name: app.name },
    })
    return typeof verdict === 'object' && verdict !== null && 'message' in verdict
      ? String(verdict.message)
      : JSON.stringify(verdict)
  }
  const status: CatalogBed['status'] = (app) => catalog.status().apps.find(({ name }) => name === app)
  return {
    folder,
    catalog,
    events,
    onEvent: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    write: (path, content) => writeInto(folder, path, content),
    save: async (path, text) => {
      await writeFile(join(folder, `${path}.tmp~`), text)
      await rename(join(folder, `${path}.tmp~`), join(folder, path))
    },
    remove: (path) => rm(join(folder, path), { recursive: true }),
    move: (from, to) => rename(join(folder, from), join(folder, to)),
    ask,
    status,
    until,
    untilAsked: async (host, answer) => {
      await until(() => ask(host) === answer).catch(() => expect(ask(host)).toBe(answer))
    },
    untilRejected: async (app, code) => {
      const isRejected = () => status(app)?.lastError?.code === code
      await until(isRejected).catch(() => expect(status(app)).toMatchObject({ lastError: { code } }))
    },
  }
}

async function writeInto(folder: string, path: string, content: Content): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true })
  await writeFile(join(folder, path), content)
}

const PATIENCE_MS = 25_000

/** A state may take an evaluation to see. */
const POLL_MS = 10

export async function until(state: () => unknown, patienceMs = PATIENCE_MS): Promise<void> {
  const deadlineMs = performance.now() + patienceMs
  while (state() !== true) {
    if (performance.now() > deadlineMs) throw new Error('the state was not reached in time')
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}

/** A policy that allows and says who it is. */
export function policy(app: string, hosts: readonly string[], message: string, custom = ''): string {
  const list = hosts.map((host) => JSON.stringify(host)).join()
  const annotation = hosts.length === 0 && custom === '' ? '' : toAnnotation(list, custom)
  return `${annotation}package ${app}\n\nallow := true\n\nmessage := "${message}"\n`
}

function toAnnotation(hosts: string, custom: string): string {
  const lines = [hosts === '' ? '' : `hosts: [${hosts}]`, custom].filter(Boolean)
  return `# METADATA\n# custom:\n${lines.map((line) => `#   ${line}\n`).join('')}`
}
