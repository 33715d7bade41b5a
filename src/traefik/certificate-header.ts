/** Filled by Traefik from the TLS handshake (`passTLSClientCert: { pem: true }`). */
export const CERTIFICATE_HEADER = 'X-Forwarded-Tls-Client-Cert'

/** What the configuration says of client certificates. */
export interface ClientCertificates {
  /** Which header forwards them, in any case. */
  readonly header: string
}
