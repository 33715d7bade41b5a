export interface Advisory {
  readonly id: string
  readonly source: string
  /** What it does to an authorizer. */
  readonly summary: string
  /** The first version of each line that is whole; a line that is not named never was. */
  readonly fixed: readonly string[]
  /** The first version that has the fault. Default: every one. */
  readonly since?: string
}

const at = (id: string) => ({ id, source: `https://github.com/traefik/traefik/security/advisories/${id}` })

/** Advisories of Traefik that matter where an authorizer decides. docs/traefik.md holds the same table. */
export const ADVISORIES: readonly Advisory[] = [
  {
    ...at('GHSA-62c8-mh53-4cqv'),
    summary: 'a client removes X-Forwarded headers',
    fixed: ['2.11.9', '3.1.3'],
  },
  {
    ...at('GHSA-h924-8g65-j9wg'),
    summary: 'a client writes X-Forwarded-Prefix',
    fixed: ['2.11.14', '3.2.1'],
  },
  {
    ...at('GHSA-92mv-8f8w-wq52'),
    summary: 'a client removes X-Forwarded headers by Connection in lower case',
    fixed: ['2.11.38', '3.6.9'],
  },
  {
    id: 'CVE-2026-26998',
    source: 'https://nvd.nist.gov/vuln/detail/CVE-2026-26998',
    summary: 'an answer of the authorizer fills the memory',
    fixed: ['2.11.38', '3.6.9'],
  },
  {
    ...at('GHSA-5m6w-wvh7-57vm'),
    summary: 'look-alikes of forwarded headers reach the authorizer',
    fixed: ['2.11.43', '3.6.14', '3.7.0'],
  },
  {
    ...at('GHSA-6384-m2mw-rf54'),
    summary: 'X-Forwarded-Prefix of the client reaches the authorizer',
    fixed: ['2.11.43', '3.6.14', '3.7.0'],
  },
  {
    ...at('GHSA-6jwx-7vp4-9847'),
    summary: 'stripPrefixRegex shows the authorizer another path than the app gets',
    fixed: ['2.11.43', '3.6.14', '3.7.0'],
  },
  {
    ...at('GHSA-xf64-8mw2-4gr2'),
    summary: 'stripPrefix leads round the router that asks',
    fixed: ['2.11.48', '3.6.19', '3.7.3'],
  },
  {
    ...at('GHSA-x677-9fxg-v5c5'),
    summary: 'X_User_Id reaches the app beside X-User-Id',
    fixed: ['2.11.51', '3.6.22', '3.7.6'],
  },
  {
    ...at('GHSA-3q9r-p662-5j8m'),
    summary: 'a client chooses X-Forwarded-Port',
    fixed: ['2.11.51', '3.6.22', '3.7.6'],
  },
  {
    ...at('GHSA-cxjq-mrr5-89rv'),
    summary: 'replacePathRegex leads round the router that asks',
    fixed: ['2.11.52', '3.6.23', '3.7.7'],
  },
  {
    ...at('GHSA-rf44-j88r-hh8c'),
    summary: 'X.User.Id reaches the app beside X-User-Id',
    fixed: ['2.11.56', '3.7.12'],
  },
  {
    ...at('GHSA-f52w-8j3h-j724'),
    summary: 'a request target without / is judged as /',
    fixed: ['2.11.57', '3.7.13'],
  },
  {
    ...at('GHSA-w4v4-9rw7-5326'),
    summary: 'an h2c upgrade is a tunnel round every middleware',
    fixed: ['2.11.57', '3.7.13'],
  },
  {
    ...at('GHSA-v67p-phpq-fc8x'),
    summary: 'trailers bring the headers that were removed',
    fixed: ['3.7.13'],
    since: '3.2.0',
  },
]
