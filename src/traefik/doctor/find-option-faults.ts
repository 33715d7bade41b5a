import type { Examination, Guard } from './examination.ts'
import type { Finding, FindingCode } from './finding.ts'
import { toTrustingNames } from './to-trusting-names.ts'

interface OptionRule {
  readonly option: string
  readonly code: FindingCode
  readonly severity: Finding['severity']
  readonly isFault: (value: unknown) => boolean
  readonly message: string
  readonly mend: string
}

/** Options of ForwardAuth that weaken Regate. */
const RULES: readonly OptionRule[] = [
  {
    option: 'authRequestHeaders',
    code: 'REQUEST_HEADERS_LIMITED',
    severity: 'error',
    isFault: (value) => Array.isArray(value) && value.length > 0,
    message:
      'sends Regate only the headers of authRequestHeaders: it sees neither other credentials nor look-alikes of identity headers',
    mend: 'remove authRequestHeaders',
  },
  {
    option: 'preserveRequestMethod',
    code: 'REQUEST_METHOD_PRESERVED',
    severity: 'warning',
    isFault: (value) => value === true,
    message:
      'asks with the method of the client: Traefik repeats only a GET when an idle connection was closed, a POST is a 500',
    mend: 'remove preserveRequestMethod: X-Forwarded-Method says it',
  },
  {
    option: 'forwardBody',
    code: 'BODY_FORWARDED',
    severity: 'warning',
    isFault: (value) => value === true,
    message: 'sends Regate the body of each request, which no policy reads; a large one is a denial',
    mend: 'remove forwardBody',
  },
  {
    option: 'authSigninURL',
    code: 'SIGN_IN_URL',
    severity: 'warning',
    isFault: (value) => typeof value === 'string' && value !== '',
    message:
      'answers every 401 with a bare redirection: programs get no challenge and nobody gets the reason',
    mend: 'remove authSigninURL, and let the policy say `redirect`',
  },
  {
    option: 'maxResponseBodySize',
    code: 'RESPONSE_UNBOUNDED',
    severity: 'note',
    isFault: (value) => typeof value !== 'number' || value < 0,
    message: 'bounds no answer',
    mend: 'write maxResponseBodySize: 65536',
  },
]

/** Options of the middlewares that ask Regate. */
export function findOptionFaults({ guards, state, certificates }: Examination): readonly Finding[] {
  const trusting = toTrustingNames(state)
  // With `false` no certificate would arrive.
  const mend = certificates === undefined ? 'write trustForwardHeader: false' : 'leave trustForwardHeader out'
  return guards.flatMap((guard) => [
    ...findTrust(guard, trusting).map((finding) => ({ ...finding, mend })),
    ...RULES.flatMap(({ option, isFault, ...finding }) =>
      isFault(guard.middleware.options[option]) ? [{ ...finding, subject: guard.middleware.name }] : [],
    ),
  ])
}

/** With an entry point that believes forwarded headers, the client says what Regate decides about. */
function findTrust(
  { middleware, routes }: Guard,
  trusting: ReadonlySet<string>,
): readonly Omit<Finding, 'mend'>[] {
  if (middleware.options['trustForwardHeader'] !== true) return []
  const believed = routes.flatMap((route) => route.entryPoints).filter((name) => trusting.has(name))
  const isOpen = believed.length > 0
  return [
    {
      code: 'FORWARD_HEADER_TRUSTED',
      severity: isOpen ? 'error' : 'warning',
      subject: middleware.name,
      message: isOpen
        ? `passes on X-Forwarded-Uri, -Method and -Host as sent to ${[...new Set(believed)].join(', ')}: whoever may write them chooses what Regate decides about`
        : 'would pass on X-Forwarded-Uri, -Method and -Host as sent, as soon as an entry point trusts somebody',
    },
  ]
}
