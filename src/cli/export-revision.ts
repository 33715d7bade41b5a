import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { RegateError } from '../errors.ts'
import type { CommandIo } from './command-io.ts'

/** A folder as it was at a revision of the git repository that it is in. */
export interface ExportedRevision {
  /** A copy, in a temporary folder. */
  readonly folder: string
  /** The full hash of the commit. */
  readonly commit: string
  /** Removes the copy. */
  readonly close: () => Promise<void>
}

/**
 * Copies what git knows of a folder at a revision. The work tree, the index and the configuration stay as they are, no hook or
 * filter runs, and nothing that the revision says can be an option of git. Files for nobody here are left out.
 * @throws CONFIG_INVALID where there is no such revision, or no git; POLICIES_UNREADABLE where it cannot be copied.
 */
export async function exportRevision(
  revision: string,
  { folder, environment }: { readonly folder: string; readonly environment: CommandIo['environment'] },
): Promise<ExportedRevision> {
  const git = createGit(folder, environment)
  const commit = await findCommit(git, revision)
  const prefix = (await git(['rev-parse', '--show-prefix'])).toString('utf8').trimEnd().replace(/\/$/u, '')
  const entries = await listTree(git, { commit, prefix, revision })
  const contents = await readBlobs(git, entries)
  const copy = await mkdtemp(join(tmpdir(), 'regate-revision-'))
  const close = () => rm(copy, { recursive: true, force: true })
  try {
    for (const [index, entry] of entries.entries()) await place(copy, entry, contents[index])
    return { folder: copy, commit, close }
  } catch (error) {
    await close()
    throw error
  }
}

type Git = (words: readonly string[], input?: string) => Promise<Buffer>

const OUTPUT_BYTES = 256 * 1024 * 1024
const TIMEOUT_MS = 60_000

/** Variables that git sets for its hooks name another folder than this one. */
function createGit(folder: string, environment: CommandIo['environment']): Git {
  const own = Object.entries(environment).filter(([name]) => !name.startsWith('GIT_'))
  const env = { ...Object.fromEntries(own), LC_ALL: 'C', GIT_TERMINAL_PROMPT: '0' }
  const options = {
    cwd: folder,
    env,
    timeout: TIMEOUT_MS,
    maxBuffer: OUTPUT_BYTES,
    encoding: 'buffer',
  } as const
  return (words, input = '') =>
    new Promise((done, fail) => {
      const child = execFile('git', ['--no-pager', ...words], options, (error, stdout, stderr) => {
        if (error === null) done(stdout)
        else fail(new Error(stderr.toString('utf8').trim() || error.message, { cause: error }))
      })
      // It may end before it has read everything.
      child.stdin?.on('error', () => undefined)
      child.stdin?.end(input)
    })
}

async function findCommit(git: Git, revision: string): Promise<string> {
  try {
    const words = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`]
    const commit = (await git(words)).toString('utf8').trim()
    if (/^[0-9a-f]{40,64}$/u.test(commit)) return commit
    throw new Error('it is no commit')
  } catch (cause) {
    const why =
      cause instanceof Error && !cause.message.startsWith('Command failed') ? `: ${cause.message}` : ''
    throw new RegateError(
      'CONFIG_INVALID',
      `${JSON.stringify(revision)} is neither a folder nor a revision of the git repository that the policies are in${why}`,
      { cause },
    )
  }
}

interface Entry {
  readonly isLink: boolean
  readonly object: string
  readonly path: string
}

interface Tree {
  readonly commit: string
  readonly prefix: string
  readonly revision: string
}

/** What a policies folder may be made of. */
const WANTED = /\.(?:rego|json|ya?ml|wasm|tar\.gz)$/u

async function listTree(git: Git, { commit, prefix, revision }: Tree): Promise<readonly Entry[]> {
  const text = await git(['ls-tree', '-r', '-z', '--full-tree', `${commit}:${prefix}`]).catch(
    (cause: unknown) => {
      throw new RegateError('CONFIG_INVALID', `${revision} has no folder ${prefix}`, { cause })
    },
  )
  const entries = text
    .toString('utf8')
    .split('\0')
    .flatMap((line): Entry[] => {
      const [, mode, object = '', path = ''] = /^(\d+) blob ([0-9a-f]+)\t(.+)$/su.exec(line) ?? []
      const isLink = mode === '120000'
      return path !== '' && (isLink || WANTED.test(path)) ? [{ isLink, object, path }] : []
    })
  refuseBelowLinks(entries)
  // Links come last, so that no file is written through one.
  return entries.toSorted((left, right) => Number(left.isLink) - Number(right.isLink))
}

/** No tree that git itself makes has a file below a link. */
function refuseBelowLinks(entries: readonly Entry[]): void {
  const links = new Set(entries.filter(({ isLink }) => isLink).map(({ path }) => path))
  const below = entries.find(({ path }) => foldersOf(path).some((folder) => links.has(folder)))
  if (below !== undefined) throw unreadable(below.path, 'it lies below a symbolic link')
}

/** `<object> blob <size>`, the content, and a line break, for each. */
async function readBlobs(git: Git, entries: readonly Entry[]): Promise<readonly Buffer[]> {
  if (entries.length === 0) return []
  const output = await git(['cat-file', '--batch'], entries.map(({ object }) => `${object}\n`).join(''))
  let at = 0
  return entries.map(({ path }) => {
    const end = output.indexOf(0x0a, at)
    const size = / blob (\d+)$/u.exec(output.toString('latin1', at, end))?.[1]
    if (end < 0 || size === undefined) throw unreadable(path, 'git does not know its content')
    at = end + 1 + Number(size) + 1
    return output.subarray(end + 1, at - 1)
  })
}

/** A tree that somebody forged may name a place outside. */
async function place(folder: string, { isLink, path }: Entry, content: Buffer | undefined): Promise<void> {
  const target = join(folder, path)
  if (!isInside(folder, target) || content === undefined)
    throw unreadable(path, 'it lies outside of the folder')
  await mkdir(dirname(target), { recursive: true })
  if (!isLink) return writeFile(target, content, { flag: 'wx', mode: 0o600 })
  const aim = content.toString('utf8')
  if (!isInside(folder, resolve(dirname(target), aim)) || comesBack(aim))
    throw unreadable(path, 'it is a symbolic link that leads out of the folder')
  return symlink(aim, target)
}

/** `a` and `a/b` of `a/b/c`. */
function foldersOf(path: string): readonly string[] {
  const names = path.split('/').slice(0, -1)
  return names.map((_, index) => names.slice(0, index + 1).join('/'))
}

/** `a/../b` leads elsewhere than to `b` where `a` is a link itself. */
function comesBack(aim: string): boolean {
  const steps = aim.split('/').filter((step) => step !== '' && step !== '.')
  const descent = steps.findIndex((step) => step !== '..')
  return descent >= 0 && steps.includes('..', descent)
}

function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path)
  return way !== '' && way !== '..' && !way.startsWith('../')
}

function unreadable(path: string, why: string): RegateError {
  return new RegateError('POLICIES_UNREADABLE', `${path} cannot be copied from the revision: ${why}`)
}
