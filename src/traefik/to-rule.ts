import type { GuardedApp } from './guarded-app.ts'

/** The rule of a Traefik v3 router for what an app guards. `*.example.com` is any depth below, not `example.com` itself. */
export function toRule({ hosts, paths }: Pick<GuardedApp, 'hosts' | 'paths'>): string {
  const anyHost = hosts.includes('*') ? [] : hosts.map(toHostMatcher)
  const anyPath = paths.includes('/') ? [] : paths.flatMap(toPathMatchers)
  const parts = [anyHost, anyPath].filter((matchers) => matchers.length > 0).map(anyOf)
  return parts.length === 0 ? 'PathPrefix(`/`)' : parts.join(' && ')
}

function toHostMatcher(host: string): string {
  if (!host.startsWith('*.')) return `Host(\`${host}\`)`
  return `HostRegexp(\`^.+${host.slice(1).replaceAll(/[.[\]]/g, String.raw`\$&`)}$\`)`
}

/** Regate's prefixes end with a segment; Traefik's `PathPrefix` does not. */
function toPathMatchers(path: string): readonly string[] {
  return [`Path(${quote(path)})`, `PathPrefix(${quote(`${path}/`)})`]
}

/** As a string literal of Go: one in backticks ends at the first backtick, and what follows would be part of the rule. */
function quote(text: string): string {
  return text.includes('`') ? JSON.stringify(text) : `\`${text}\``
}

function anyOf(matchers: readonly string[]): string {
  const [first = '', ...others] = matchers
  return others.length === 0 ? first : `(${matchers.join(' || ')})`
}
