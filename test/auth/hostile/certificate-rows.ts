import { hash } from 'node:crypto'
import { makeAuthority, makeCertificate, nameOf } from '../make-authority.ts'
import { type Call, good, lines, refused, type Row, signers } from './workshop.ts'

const HOUR_MS = 3_600_000
const around = { fromMs: Date.now() - HOUR_MS, untilMs: Date.now() + HOUR_MS }

/** Whom the service believes. */
export const authority = makeAuthority('Root', around)
const stranger = makeAuthority('Root', around)
const middle = makeAuthority('Middle', { issuer: authority, ...around })
const certificate = makeCertificate({ issuer: authority, ...around })
const another = makeCertificate({ issuer: authority, subject: 'eve', ...around })

const HEADER = 'X-Forwarded-Tls-Client-Cert'
const base64 = certificate.der.toString('base64')

const shown = (...values: readonly (string | Buffer)[]): Call =>
  lines(
    ...values.map((value) => `${HEADER}: ${typeof value === 'string' ? value : value.toString('base64')}`),
  )

const wrong = (title: string, code: string, value: () => string | Buffer): Row =>
  refused(`a certificate ${title}`, code, () => shown(value()))
const malformed = (title: string, value: () => string | Buffer): Row =>
  wrong(title, 'CERTIFICATE_MALFORMED', value)
const untrusted = (title: string, value: () => string | Buffer): Row =>
  wrong(title, 'CERTIFICATE_UNTRUSTED', value)

/** With one octet changed. */
function altered(at: number): Buffer {
  const bytes = Buffer.from(certificate.der)
  bytes[at] = ((bytes[at] ?? 0) + 1) % 256
  return bytes
}

const forms: readonly Row[] = [
  malformed('in PEM', () => certificate.pem.replaceAll('\n', ' ')),
  malformed('with URL escapes', () => encodeURIComponent(base64)),
  malformed('as RFC 9440 has it', () => `:${base64}:`),
  malformed('in base64url', () => certificate.der.toString('base64url').padEnd(base64.length, '=')),
  malformed('in hexadecimal', () => certificate.der.toString('hex')),
  malformed('with blanks within', () => base64.replace(/.{64}/g, '$& ')),
  malformed('cut off', () => base64.slice(0, -8)),
  malformed('with an octet behind it', () => Buffer.concat([certificate.der, Buffer.from([0])])),
  malformed('with a comma behind it', () => `${base64},`),
  malformed('behind a comma', () => `,${base64}`),
  malformed('eleven times', () => Array(11).fill(base64).join(',')),
  malformed('that is its key', () => certificate.keys.publicKey.export({ type: 'spki', format: 'der' })),
  malformed('that is a word', () => 'ann'),
  malformed('as text of its subject', () => 'Subject="CN=ann"'),
  refused('a certificate in two lines', 'CERTIFICATE_MALFORMED', () =>
    shown(certificate.der, certificate.der),
  ),
  refused('two certificates in two lines', 'CERTIFICATE_MALFORMED', () =>
    shown(certificate.der, another.der),
  ),
]

const paths: readonly Row[] = [
  untrusted('of nobody', () => makeCertificate(around).der),
  untrusted(
    'of another authority of the same name',
    () => makeCertificate({ issuer: stranger, ...around }).der,
  ),
  untrusted('with that authority behind it', () => {
    const { der } = makeCertificate({ issuer: stranger, ...around })
    return `${der.toString('base64')},${stranger.der.toString('base64')}`
  }),
  untrusted('of another caller', () => makeCertificate({ issuer: certificate, ...around }).der),
  untrusted('of another caller, who stands behind it', () => {
    const { der } = makeCertificate({ issuer: certificate, ...around })
    return `${der.toString('base64')},${base64}`
  }),
  untrusted('of an authority that is not shown', () => makeCertificate({ issuer: middle, ...around }).der),
  untrusted('of an authority itself', () => authority.der),
  untrusted('of an authority below', () => middle.der),
  untrusted('with another signature', () => altered(certificate.der.length - 1)),
  wrong('that has expired', 'CERTIFICATE_EXPIRED', () => {
    const over = { fromMs: Date.now() - 2 * HOUR_MS, untilMs: Date.now() - HOUR_MS }
    return makeCertificate({ issuer: authority, ...over }).der
  }),
  wrong('of tomorrow', 'CERTIFICATE_EXPIRED', () => {
    const later = { fromMs: Date.now() + HOUR_MS, untilMs: Date.now() + 2 * HOUR_MS }
    return makeCertificate({ issuer: authority, ...later }).der
  }),
  malformed('with two common names', () => {
    const subject = nameOf(['2.5.4.3', 'ann'], ['2.5.4.3', 'eve'])
    return makeCertificate({ issuer: authority, subject, ...around }).der
  }),
  malformed('without a common name', () => {
    const subject = nameOf(['2.5.4.10', 'ann'])
    return makeCertificate({ issuer: authority, subject, ...around }).der
  }),
  malformed(
    'with a NUL in its name',
    () => makeCertificate({ issuer: authority, subject: 'ann\0', ...around }).der,
  ),
  malformed(
    'with a line break in its name',
    () => makeCertificate({ issuer: authority, subject: 'ann\r\nX-User-Roles: admin', ...around }).der,
  ),
]

const beside: readonly Row[] = [
  refused('a certificate beside a wrong token', 'TOKEN_SIGNATURE_INVALID', () => {
    const forged = signers.stranger.sign(good(), { kid: 'es256' })
    return lines(`Authorization: Bearer ${forged}`, `${HEADER}: ${base64}`)
  }),
  refused('a certificate that a token is not bound to', 'TOKEN_BINDING_INVALID', () => {
    const bound = signers.es256.sign(good({ cnf: { 'x5t#S256': hash('sha256', another.der, 'base64url') } }))
    return lines(`Authorization: Bearer ${bound}`, `${HEADER}: ${base64}`)
  }),
  refused('a certificate that a token is bound to by another digest', 'TOKEN_TYPE_INVALID', () => {
    const bound = signers.es256.sign(good({ cnf: { x5t: hash('sha1', certificate.der, 'base64url') } }))
    return lines(`Authorization: Bearer ${bound}`, `${HEADER}: ${base64}`)
  }),
  ...['X_Forwarded_Tls_Client_Cert', 'X-Forwarded-Tls-Client-Cert-Info', 'Client-Cert', 'X-Client-Cert'].map(
    (name) =>
      refused(`a certificate in another header: ${name}`, 'CREDENTIALS_MISSING', () =>
        lines(`${name}: ${base64}`),
      ),
  ),
]

export const certificateControls: readonly Row[] = [
  { title: 'a good certificate', call: () => shown(certificate.der), status: 200, code: '' },
  {
    title: 'a good certificate with the authority behind it',
    call: () => shown(`${base64},${authority.der.toString('base64')}`),
    status: 200,
    code: '',
  },
]

export const certificateRows: readonly Row[] = [...forms, ...paths, ...beside]
