import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { RegateError } from '../errors.ts'

export interface EditorFile {
  /** Relative to the workspace. */
  readonly path: string
  readonly text: string
  /** `kept`: another file is there, which is not overwritten. */
  readonly state: 'written' | 'unchanged' | 'kept'
}

const SCHEMAS = ['regate.schema.json', 'requests.schema.json', 'input.schema.json']

/**
 * Writes what lets VS Code (its YAML and OPA extensions) and Regal know Regate's files: the schemas, `.vscode/settings.json` and
 * `.regal/config.yaml`. Throws `FILES_UNWRITABLE`.
 */
export async function writeEditorFiles(workspace: string, policies: string): Promise<readonly EditorFile[]> {
  const place = relative(workspace, policies).split(sep).join('/')
  const written: EditorFile[] = []
  for (const { path, text } of [
    ...(await Promise.all(SCHEMAS.map(readSchema))),
    { path: '.vscode/settings.json', text: toSettings(place) },
    { path: '.regal/config.yaml', text: toRegal(place) },
  ])
    written.push({ path, text, state: await write(join(workspace, path), text) })
  return written
}

async function readSchema(name: string) {
  const text = await readFile(new URL(`../../schemas/${name}`, import.meta.url), 'utf8')
  return { path: `.vscode/regate/${name}`, text }
}

function toSettings(policies: string): string {
  const settings = {
    'yaml.schemas': {
      './.vscode/regate/regate.schema.json': 'regate.yaml',
      './.vscode/regate/requests.schema.json': `${policies}/*/requests.yaml`,
    },
    'opa.roots': [`\${workspaceFolder}/${policies}`],
    'opa.schema': `\${workspaceFolder}/.vscode/regate/input.schema.json`,
    'opa.checkOnSave': true,
    'opa.strictMode': true,
  }
  return `${JSON.stringify(settings, undefined, 2)}\n`
}

/** Regal expects a folder for each package, and an entrypoint that somebody wrote. */
function toRegal(policies: string): string {
  return `project:
  roots: [${JSON.stringify(policies)}]
rules:
  idiomatic:
    directory-package-mismatch: { level: ignore } # lib/caller.rego is the package lib.caller
    no-defined-entrypoint: { level: ignore } # Regate makes the entrypoint
`
}

async function write(file: string, text: string): Promise<EditorFile['state']> {
  try {
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text, { flag: 'wx' })
    return 'written'
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
    if (code !== 'EEXIST')
      throw new RegateError('FILES_UNWRITABLE', `${file} cannot be written: ${code}`, { cause })
  }
  const before = await readFile(file, 'utf8').catch(() => undefined)
  return before === text ? 'unchanged' : 'kept'
}
