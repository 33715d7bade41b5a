/** Whether a router takes a request for this host and path; undefined: that depends on more, or cannot be told. */
export type RuleMatcher = (host: string, path: string) => boolean | undefined

export interface CompiledRule {
  readonly matches: RuleMatcher
  /** Hosts and paths that the rule names, to try it with. */
  readonly hosts: readonly string[]
  readonly paths: readonly string[]
  /** It may take hosts that nobody can list: it has a pattern, or cannot be read. */
  readonly isOpen: boolean
}

/** Reads a rule of Traefik v2 or v3 as far as hosts and paths go. One that cannot be read takes, perhaps, everything. */
export function compileRule(rule: string): CompiledRule {
  const parts = rule.match(TOKEN) ?? []
  const tokens = parts.filter((part) => part.trim() !== '')
  const literals = { hosts: new Set<string>(), paths: new Set<string>() }
  const reader = createReader(tokens, literals)
  const matches = reader.readAny()
  const isRead = matches !== undefined && reader.isDone() && parts.join('') === rule
  return {
    matches: isRead ? matches : () => undefined,
    hosts: [...literals.hosts],
    paths: [...literals.paths],
    isOpen: !isRead || tokens.includes('HostRegexp'),
  }
}

const TOKEN = /\s+|&&|\|\||[!(),]|[A-Za-z]+|`[^`]*`|"[^"]*"/g

interface Literals {
  readonly hosts: Set<string>
  readonly paths: Set<string>
}

function createReader(tokens: readonly string[], literals: Literals) {
  let position = 0
  const take = (token: string): boolean => {
    if (tokens[position] !== token) return false
    position += 1
    return true
  }

  function readAny(): RuleMatcher | undefined {
    return readList('||', readAll, (results) =>
      results.includes(true) ? true : results.includes(undefined) ? undefined : false,
    )
  }

  function readAll(): RuleMatcher | undefined {
    return readList('&&', readOne, (results) =>
      results.includes(false) ? false : results.includes(undefined) ? undefined : true,
    )
  }

  function readList(
    separator: string,
    read: () => RuleMatcher | undefined,
    join: (results: readonly (boolean | undefined)[]) => boolean | undefined,
  ): RuleMatcher | undefined {
    const parts: RuleMatcher[] = []
    do {
      const part = read()
      if (part === undefined) return undefined
      parts.push(part)
    } while (take(separator))
    return (host, path) => join(parts.map((part) => part(host, path)))
  }

  function readOne(): RuleMatcher | undefined {
    if (take('!')) {
      const inner = readOne()
      if (inner === undefined) return undefined
      return (host, path) => {
        const result = inner(host, path)
        return result === undefined ? undefined : !result
      }
    }
    if (take('(')) {
      const inner = readAny()
      return take(')') ? inner : undefined
    }
    return readFunction()
  }

  function readFunction(): RuleMatcher | undefined {
    const name = tokens[position] ?? ''
    if (!/^[A-Za-z]/.test(name)) return undefined
    position += 1
    if (!take('(')) return undefined
    const values: string[] = []
    while (/^[`"]/.test(tokens[position] ?? '')) {
      values.push((tokens[position] ?? '').slice(1, -1))
      position += 1
      if (!take(',')) break
    }
    return take(')') ? toMatcher(name, values, literals) : undefined
  }

  return { readAny, isDone: () => position === tokens.length }
}

function toMatcher(name: string, values: readonly string[], literals: Literals): RuleMatcher {
  const known = values.filter((value) => !value.includes('{'))
  const isPlain = known.length === values.length
  switch (name) {
    case 'Host':
      for (const value of known) literals.hosts.add(value.toLowerCase())
      return (host) => known.some((value) => value.toLowerCase() === host) || (isPlain ? false : undefined)
    case 'HostRegexp':
      return (host) => anyPattern(values, host)
    case 'Path':
      for (const value of known) literals.paths.add(value)
      return (_host, path) => known.includes(path) || (isPlain ? false : undefined)
    case 'PathPrefix':
      for (const value of known) literals.paths.add(value)
      return (_host, path) => known.some((value) => path.startsWith(value)) || (isPlain ? false : undefined)
    default:
      return () => undefined
  }
}

/** Patterns of v2 (`{name:…}`) and those that only Go reads are left open. */
function anyPattern(patterns: readonly string[], text: string): boolean | undefined {
  if (patterns.some((pattern) => /\{\w+:|\{\w*[A-Za-z]/.test(pattern))) return undefined
  try {
    return patterns.some((pattern) => new RegExp(pattern, 'iu').test(text))
  } catch {
    return undefined
  }
}
