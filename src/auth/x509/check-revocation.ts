import { quoteBriefly } from '../../decision/quote-briefly.ts'
import { RegateError } from '../../errors.ts'
import type { RevocationList, RevocationLists } from '../parse-revocation-lists.ts'
import { mayUse, SIGN_LISTS } from './check-path.ts'
import type { Path } from './find-paths.ts'
import type { Certificate } from './parse-certificate.ts'
import { isSameName, toDistinguishedName } from './read-name.ts'
import { isSignedBy } from './signature-algorithm.ts'

/**
 * Asks for each certificate of a path, but the authority at its end, the lists of its issuer (RFC 5280 §6.3), and returns the moment at which
 * the first of them is out of date. Throws `CERTIFICATE_REVOKED`, and `CERTIFICATE_STATUS_UNKNOWN` where an issuer has no list that holds now.
 */
export function checkRevocation(path: Path, lists: RevocationLists, nowMs: number): number {
  const current = lists.filter((list) => list.thisUpdateMs <= nowMs && nowMs < list.nextUpdateMs)
  const asked = path.slice(1).map((issuer) => current.filter((list) => isOf(list, issuer)))
  asked.forEach((own, index) => {
    const serialNumber = path[index]?.serialNumber ?? ''
    if (own.some(({ serialNumbers }) => serialNumbers.has(serialNumber)))
      throw new RegateError('CERTIFICATE_REVOKED', `the certificate ${serialNumber} is revoked`)
  })
  const unlisted = path.slice(1).find((_, index) => (asked[index] ?? []).length === 0)
  if (unlisted !== undefined)
    throw new RegateError('CERTIFICATE_STATUS_UNKNOWN', describeGap(unlisted, lists, nowMs))
  return Math.min(...asked.flat().map(({ nextUpdateMs }) => nextUpdateMs))
}

function describeGap(issuer: Certificate, lists: RevocationLists, nowMs: number): string {
  const ends = lists.filter((list) => isOf(list, issuer)).map(({ nextUpdateMs }) => nextUpdateMs)
  const lastMs = Math.max(...ends.filter((endMs) => endMs <= nowMs))
  const since =
    lastMs > 0 ? `; the last one has been out of date since ${new Date(lastMs).toISOString()}` : ''
  return `no revocation list of ${quoteBriefly(toDistinguishedName(issuer.subject))} holds now${since}`
}

function isOf({ issuer: name, algorithm, signed }: RevocationList, issuer: Certificate): boolean {
  return (
    isSameName(name, issuer.subject) &&
    mayUse(issuer, SIGN_LISTS) &&
    isSignedBy(issuer.publicKey, algorithm, signed)
  )
}
