import {
  alternativeNames,
  dns,
  extendedKeyUsage,
  makeAuthority,
  makeCertificate,
  SERVER,
} from '../auth/make-authority.ts'

/** What the tests of client certificates behind Traefik begin with. */
export const HOST = 'wiki.example.com'
export const HEADER = 'X-Forwarded-Tls-Client-Cert'
export const DAY_MS = 86_400_000
export const now = Date.now()
export const lasting = { fromMs: now - DAY_MS, untilMs: now + DAY_MS }

/** Whom Regate believes. */
export const root = makeAuthority('Example CA', lasting)
/** Of the same name. */
export const stranger = makeAuthority('Example CA', lasting)
export const server = makeCertificate({
  ...lasting,
  subject: HOST,
  extensions: [extendedKeyUsage(SERVER), alternativeNames(dns(HOST))],
})
