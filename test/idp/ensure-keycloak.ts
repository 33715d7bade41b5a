import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { copyFile, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'

const VERSION = '26.7.3'
/** Of the archive, as published beside it. */
const SHA256 = '27a6535553c3cdcd083872ba40629efafb3475e3b758e0c6f691395561dd0f1f'
const ARCHIVE = `keycloak-quarkus-dist-${VERSION}.zip`
const FOLDER = `org/keycloak/keycloak-quarkus-dist/${VERSION}`

const execute = promisify(execFile)

export interface Keycloak {
  /** The program and the parameters that come before those of Keycloak itself; `home` holds its data. */
  readonly toCommand: (home: string) => readonly [string, ...string[]]
}

/**
 * A Keycloak of the tested version, ready to start in development mode; unpacked below `.regate/` where it is absent, from
 * Maven's local repository, by curl from Maven Central, or by Maven, whatever is there. Throws where Java is missing.
 */
export async function ensureKeycloak(repository: string): Promise<Keycloak> {
  await requireJava()
  const folder = join(repository, '.regate', `keycloak-${VERSION}`)
  const toCommand: Keycloak['toCommand'] = (home) => ['java', ...toJavaOptions(folder, home)]
  if (!existsSync(join(folder, 'augmented'))) {
    await unpack(folder)
    await augment(folder, toCommand)
  }
  return { toCommand: (home) => toCommand(home) }
}

async function requireJava(): Promise<void> {
  const { stderr } = await execute('java', ['-version']).catch(() => ({ stderr: '' }))
  const version = Number(/version "(\d+)/.exec(stderr)?.[1] ?? 0)
  if (version < 17)
    throw new Error(
      `Keycloak needs Java 17 or later, found ${version === 0 ? 'none' : version}: apt-get install default-jre-headless`,
    )
}

async function unpack(folder: string): Promise<void> {
  const partial = `${folder}.partial`
  await rm(partial, { recursive: true, force: true })
  await rm(folder, { recursive: true, force: true })
  await mkdir(partial, { recursive: true })
  const archive = join(partial, ARCHIVE)
  await obtain(archive)
  await execute('python3', ['-m', 'zipfile', '-e', archive, partial])
  await rename(join(partial, `keycloak-${VERSION}`), folder)
  await rm(partial, { recursive: true })
}

async function obtain(archive: string): Promise<void> {
  const problems: string[] = []
  for (const [name, fetchArchive] of Object.entries(sources)) {
    try {
      await fetchArchive(archive)
      if ((await toDigest(archive)) === SHA256) return
      problems.push(`${name}: another SHA-256`)
    } catch (error) {
      problems.push(`${name}: ${error instanceof Error ? error.message.trim() : 'failed'}`)
    }
  }
  throw new Error(`could not obtain ${ARCHIVE}:\n${problems.join('\n')}`)
}

const sources: Readonly<Record<string, (archive: string) => Promise<unknown>>> = {
  'Maven’s local repository': (archive) =>
    copyFile(join(homedir(), '.m2/repository', FOLDER, ARCHIVE), archive),
  curl: (archive) =>
    execute('curl', [
      '--fail',
      '--silent',
      '--show-error',
      '--max-time',
      '240',
      '--output',
      archive,
      `https://repo1.maven.org/maven2/${FOLDER}/${ARCHIVE}`,
    ]),
  mvn: (archive) =>
    execute('mvn', [
      '--quiet',
      '--batch-mode',
      'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy',
      `-Dartifact=org.keycloak:keycloak-quarkus-dist:${VERSION}:zip`,
      `-DoutputDirectory=${join(archive, '..')}`,
    ]),
}

async function toDigest(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}

/** What bin/kc.sh says, with a small heap and a quick start. That script starts another process, which no signal would reach. */
function toJavaOptions(folder: string, home: string): readonly string[] {
  const open = ['java.util', 'java.util.concurrent', 'java.security', 'java.lang']
  return [
    '-Xms64m',
    '-Xmx512m',
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    '-Dfile.encoding=UTF-8',
    '-Duser.language=en',
    ...open.map((each) => `--add-opens=java.base/${each}=ALL-UNNAMED`),
    '-Djava.util.concurrent.ForkJoinPool.common.threadFactory=io.quarkus.bootstrap.forkjoin.QuarkusForkJoinWorkerThreadFactory',
    '-Djava.util.logging.manager=org.jboss.logmanager.LogManager',
    '-Dpicocli.disable.closures=true',
    `-Dkc.home.dir=${home}`,
    `-Djboss.server.config.dir=${join(folder, 'conf')}`,
    ...(existsSync(join(folder, 'augmented')) ? ['-Dkc.config.built=true'] : []),
    '-cp',
    join(folder, 'lib/quarkus-run.jar'),
    'io.quarkus.bootstrap.runner.QuarkusEntryPoint',
    'start-dev',
  ]
}

/** The first start in development mode rewrites the program and ends with this code, so that it be started again. */
const AUGMENTED = 10

async function augment(folder: string, toCommand: Keycloak['toCommand']): Promise<void> {
  const home = join(folder, 'unused-home')
  const [program, ...parameters] = toCommand(home)
  const failure: unknown = await execute(program, parameters, { timeout: 240_000 }).catch(
    (error: unknown) => error,
  )
  const code: unknown = Object(failure).code
  if (code !== AUGMENTED)
    throw new Error('Keycloak could not be prepared', failure instanceof Error ? { cause: failure } : {})
  await writeFile(join(folder, 'augmented'), '')
}
