import { parseAddress } from '../parse-address.ts'
import { isDomain } from './is-domain.ts'
import type { Certificate } from './parse-certificate.ts'
import type { NameConstraints, Subtrees } from './parse-name-constraints.ts'
import { type Mailbox, parseMailbox } from './parse-mailbox.ts'
import type { Url } from './parse-url.ts'

/** A name against a constraint: more than this and the chain is refused. */
const MAXIMUM_COMPARISONS = 250_000

interface CheckedNames {
  readonly hosts: readonly string[]
  readonly urlHosts: readonly string[]
  readonly emails: readonly Mailbox[]
  readonly addresses: readonly Buffer[]
}

/** Does every certificate of the chain (leaf first) keep to what those above allow? Source: RFC 5280, 4.2.1.10. */
export function checkNameConstraints(chain: readonly Certificate[]): boolean {
  return chain.every(({ names, extensions }, at) => {
    const above = chain.slice(at + 1).flatMap(({ nameConstraints }) => nameConstraints ?? [])
    const hasNames = extensions.some(({ id }) => id.join('.') === '2.5.29.17')
    if (above.length === 0 || !hasNames) return true
    const checked = toCheckedNames(names)
    return (
      checked !== undefined && isAffordable(checked, above) && above.every((one) => keepsTo(checked, one))
    )
  })
}

function toCheckedNames({ hosts, emails, addresses, urls }: Certificate['names']): CheckedNames | undefined {
  const urlHosts = urls.map(toUrlHost)
  const mailboxes = emails.map(parseMailbox)
  const areReadable =
    hosts.every(isDomain) &&
    urlHosts.every((host) => host !== undefined && isDomain(host)) &&
    mailboxes.every((mailbox) => mailbox !== undefined && isDomain(mailbox.domain))
  if (!areReadable) return undefined
  const present = <Item>(item: Item | undefined): item is Item => item !== undefined
  return {
    hosts,
    addresses,
    urlHosts: urlHosts.filter(present),
    emails: mailboxes.filter(present).map(({ local, domain }) => ({ local, domain: domain.toLowerCase() })),
  }
}

/** URLs without a host or with an address cannot be held against constraints. */
function toUrlHost({ host }: Url): string | undefined {
  const name = host.includes(':') && !host.endsWith(']') ? /^([^:[\]]*):[^:[\]]*$/.exec(host)?.[1] : host
  const isName =
    name !== undefined && name !== '' && !name.startsWith('[') && parseAddress(name) === undefined
  return isName ? name.toLowerCase() : undefined
}

function isAffordable(names: CheckedNames, constraints: readonly NameConstraints[]): boolean {
  const nameCount = names.hosts.length + names.urlHosts.length + names.emails.length + names.addresses.length
  const subtrees = constraints.flatMap(({ permitted, excluded }) => [permitted, excluded])
  const count = subtrees.reduce(
    (sum, { hosts, emails, networks, urlHosts }) =>
      sum + hosts.length + emails.length + networks.length + urlHosts.length,
    0,
  )
  return nameCount * count <= MAXIMUM_COMPARISONS
}

function keepsTo(names: CheckedNames, { permitted, excluded }: NameConstraints): boolean {
  return (
    names.addresses.every((address) =>
      isAllowed(permitted.networks, excluded.networks, (one) => isWithin(address, one)),
    ) &&
    names.hosts.every((host) => isAllowedHost(permitted.hosts, excluded.hosts, host)) &&
    names.urlHosts.every((host) => isAllowedHost(permitted.urlHosts, excluded.urlHosts, host)) &&
    names.emails.every((mailbox) => isAllowedMailbox(permitted, excluded, mailbox))
  )
}

function isAllowed<Item>(
  permitted: readonly Item[],
  excluded: readonly Item[],
  matches: (item: Item) => boolean,
): boolean {
  return (permitted.length === 0 || permitted.some(matches)) && !excluded.some(matches)
}

function isWithin(address: Buffer, network: Subtrees['networks'][number]): boolean {
  const bits = (bytes: Buffer) => Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('')
  const prefix = bits(network.mask).lastIndexOf('1') + 1
  const start = (bytes: Buffer) => bits(bytes).slice(0, prefix)
  return address.length === network.address.length && start(address) === start(network.address)
}

function isAllowedHost(permitted: readonly string[], excluded: readonly string[], host: string): boolean {
  return (
    isAllowed(permitted, excluded, (constraint) => isUnder(host, constraint)) &&
    !excluded.some((constraint) => isCoveredByStar(host, constraint))
  )
}

function isAllowedMailbox(permitted: Subtrees, excluded: Subtrees, mailbox: Mailbox): boolean {
  const matches = (constraint: string) => isMailboxUnder(mailbox, constraint)
  const byStar = excluded.emails.some(
    (constraint) => !constraint.includes('@') && isCoveredByStar(mailbox.domain, constraint),
  )
  return isAllowed(permitted.emails, excluded.emails, matches) && !byStar
}

function isMailboxUnder({ local, domain }: Mailbox, constraint: string): boolean {
  if (!constraint.includes('@')) return isUnder(domain, constraint)
  const exact = parseMailbox(constraint)
  return exact !== undefined && exact.local === local && exact.domain.toLowerCase() === domain
}

/** A dot in front demands a further label; without it the name itself is meant too. */
function isUnder(name: string, constraint: string): boolean {
  const [host, suffix] = [name.toLowerCase(), constraint.toLowerCase()]
  if (suffix === '' || host === suffix) return true
  return host.endsWith(suffix.startsWith('.') ? suffix : `.${suffix}`)
}

/** `*.example.com` stands for the excluded `a.example.com`, too. */
function isCoveredByStar(name: string, constraint: string): boolean {
  const parentOf = (host: string) => (host.includes('.') ? host.slice(host.indexOf('.')).toLowerCase() : '')
  return name.startsWith('*') && parentOf(constraint) !== '' && parentOf(name) === parentOf(constraint)
}
