import { findForeign, ignore } from '../decision/accept-authentication.ts'
import type { AccessRequest } from '../decision/access-request.ts'
import type { Authentication } from '../decision/authentication.ts'
import type { App } from '../decision/ports.ts'
import { RegateError } from '../errors.ts'
import type { AuthenticationOptions, AuthenticationPorts } from './authentication-options.ts'
import { createBasicVerifier } from './create-basic-verifier.ts'
import { createBearerVerifier } from './create-bearer-verifier.ts'
import { createCertificateVerifier } from './create-certificate-verifier.ts'
import { createCredentialFinder } from './create-credential-finder.ts'
import type { FollowedFile } from './create-followed-file.ts'
import { createHolderCheck, type Presented } from './create-holder-check.ts'
import type { Introspection } from './create-introspection.ts'
import type { Issuers } from './create-issuers.ts'
import { ANONYMOUS, createJudge } from './create-judge.ts'
import { createKeyVerifier } from './create-key-verifier.ts'
import { createNonces } from './create-nonces.ts'
import { createRecogniser } from './create-recogniser.ts'
import type { Authorities } from './parse-authorities.ts'
import type { PasswordTable } from './parse-htpasswd.ts'
import type { KeyTable } from './parse-key-table.ts'
import type { RevocationLists } from './parse-revocation-lists.ts'
import type { Revocations } from './parse-revocations.ts'
import type { TokenTable } from './parse-token-table.ts'
import { createCertificateReader } from './read-forwarded-certificate.ts'
import type { Profile } from './read-profile.ts'
import type { Verified } from './verified.ts'

/**
 * Plain for callers known before, a promise where something has to be computed or fetched. Never throws for what a caller
 * sends. `app` is the one that is asked for; without it, credentials that are for certain apps are refused. A credential that
 * it is seen not to accept is not verified, and no server is asked about it: the caller is anonymous.
 */
export type Authenticate = (
  request: Presented & Pick<AccessRequest, 'clientIp'>,
  app?: Pick<App, 'name' | 'authentication'>,
) => Promise<Authentication> | Authentication

/** What callers are judged by; absent where it is not configured. */
export interface Opened {
  readonly tokens: FollowedFile<TokenTable> | undefined
  readonly apiKeys: FollowedFile<KeyTable> | undefined
  readonly passwords: FollowedFile<PasswordTable> | undefined
  readonly users: FollowedFile<ReadonlyMap<string, Profile>> | undefined
  readonly authorities: FollowedFile<Authorities> | undefined
  readonly revocationLists: FollowedFile<RevocationLists> | undefined
  /** The holders of certificates. */
  readonly holders: FollowedFile<ReadonlyMap<string, Profile>> | undefined
  readonly nonceSecret: FollowedFile<string> | undefined
  readonly revocations: FollowedFile<Revocations> | undefined
  readonly introspection: Introspection | undefined
  readonly issuers: Issuers
}

/** Builds the one way from a request to who is calling. */
export function createAuthenticate(
  opened: Opened,
  options: AuthenticationOptions,
  { now, onPassed }: AuthenticationPorts,
): Authenticate {
  const { issuers, tokens, apiKeys, passwords, users, introspection, revocations, nonceSecret } = opened
  const { limits, certificates, dpop } = options
  const verifyKey = apiKeys && createKeyVerifier({ keys: apiKeys, now })
  const bearer = createBearerVerifier({ ...opened, verifyKey, limits, now, onPassed })
  const basic = passwords && createBasicVerifier({ passwords, users }, now)
  const readCertificate = certificates && createCertificateReader(certificates.header)
  const certificate = readCertificate && openCertificates(opened, { readCertificate, options, now })
  const nonces = createNonces({ secret: nonceSecret?.current, now })
  const checkHolder = createHolderCheck({
    proofs: dpop && { options: dpop, nonces },
    readCertificate,
    tokenBytes: limits.tokenBytes,
    now,
  })
  const takesKeys = verifyKey !== undefined
  const find = createCredentialFinder(options.from, {
    bearer: issuers.size > 0 || takesKeys || [tokens, introspection].some((method) => method !== undefined),
    keyHeader: options.apiKeys?.header,
    basic: basic !== undefined,
    proofs: dpop !== undefined,
    certificateHeader: certificate && certificates?.header,
  })
  const judge = createJudge({ revocations, nonces })
  const recognise = createRecogniser({ issuers, tokens, takesKeys, introspection, limits })

  return (request, app) => {
    const { credentials, clientIp } = request
    const credential = find(credentials)
    if (credential !== undefined && app?.authentication !== undefined) {
      const foreign = findForeign(recognise(credential), app.authentication)
      if (foreign !== undefined) return ignore(foreign)
    }
    switch (credential?.kind) {
      case undefined:
        return ANONYMOUS
      case 'bearer': {
        const shown = { ...credential, request }
        return judge(
          () => bearer(shown.token, app?.name),
          shown,
          (verified) => checkHolder(verified, shown),
        )
      }
      case 'key':
        return verifyKey ? judge(() => verifyKey(credential.key, app?.name), BEARER) : ANONYMOUS
      case 'basic':
        return basic ? judge(() => basic(credential.encoded, clientIp), BASIC) : ANONYMOUS
      case 'certificate':
        return certificate ? judge(() => certificate(credentials), CERTIFICATE) : ANONYMOUS
      case 'ambiguous':
        return judge(() => refuseAmbiguous(credential.place), { ...BEARER, lenient: credential.lenient })
      default:
        return credential satisfies never
    }
  }
}

const BEARER = { scheme: 'Bearer', lenient: false } as const
const BASIC = { scheme: 'Basic', lenient: false } as const
const CERTIFICATE = { scheme: 'certificate', lenient: false } as const

interface CertificateTools {
  readonly readCertificate: ReturnType<typeof createCertificateReader>
  readonly options: AuthenticationOptions
  readonly now: () => number
}

/** Undefined where certificates make nobody known. */
function openCertificates(
  { authorities, revocationLists, holders }: Opened,
  { readCertificate, options: { certificates }, now }: CertificateTools,
): ((credentials: AccessRequest['credentials']) => Verified) | undefined {
  if (certificates === undefined || authorities === undefined) return undefined
  const files = { ca: authorities, crl: revocationLists, users: holders }
  const verify = createCertificateVerifier({ ...files, subject: certificates.subject }, now)
  return (credentials) => {
    const certificate = readCertificate(credentials)
    if (certificate === undefined) throw new RegateError('CERTIFICATE_MALFORMED', 'no certificate')
    return verify(certificate)
  }
}

function refuseAmbiguous(place: string): never {
  throw new RegateError('TOKEN_MALFORMED', `several values in ${place}`)
}
