import { isIPv6 } from 'node:net'

const LABEL = /^[a-z0-9_-]{1,63}$/
const MAX_HOST_LENGTH = 253

type Parsed = { readonly host: string } | { readonly problem: string }

/**
 * Parses a host of an app's annotation into the form in which hosts of requests are compared: lower case, without port
 * and trailing dot. `*` and `*.example.com` are the only wildcards. A problem names its mend.
 */
export function parseHostPattern(text: string): Parsed {
  const host = text.toLowerCase()
  const problem = findProblem(host)
  return problem === undefined ? { host } : { problem: `${JSON.stringify(text)} is no host: ${problem}` }
}

function findProblem(host: string): string | undefined {
  if (host === '*') return undefined
  if (host.startsWith('[')) return findAddressProblem(host)
  if (/[/?#@]/.test(host))
    return 'write the name alone, without scheme, user and path (paths have their own list)'
  if (/:[0-9]*$/.test(host)) return 'leave the port out; an app is found by name whatever the port'
  if (host.endsWith('.')) return 'leave the trailing dot out'
  if (/[^\u0020-\u007e]/.test(host)) return 'write the ASCII form of the name (xn--…)'
  return findNameProblem(host.startsWith('*.') ? host.slice(2) : host)
}

function findNameProblem(name: string): string | undefined {
  if (name.includes('*')) return 'a wildcard stands for whole labels at the left: *.example.com, or * alone'
  if (name.length > MAX_HOST_LENGTH) return `it is longer than ${MAX_HOST_LENGTH} characters`
  const wrong = name.split('.').find((label) => !LABEL.test(label))
  if (wrong === undefined) return undefined
  return wrong === ''
    ? 'a label is empty'
    : `the label ${JSON.stringify(wrong)} may hold only letters, digits, - and _, up to 63`
}

function findAddressProblem(host: string): string | undefined {
  const address = host.slice(1, -1)
  if (!host.endsWith(']') || address.includes('%') || !isIPv6(address))
    return 'an IPv6 address stands in brackets, without port and zone'
  const canonical = new URL(`http://${host}/`).hostname
  return host === canonical ? undefined : `write the address as ${canonical}`
}
