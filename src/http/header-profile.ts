/** The header lines, in lower case, in which a proxy forwards a request. One profile a proxy, chosen by configuration. */
export interface HeaderProfile {
  readonly method: string
  readonly host: string
  readonly proto: string
  readonly uri: string
  readonly clientAddresses: string
}

export const HEADER_PROFILES = {
  traefik: {
    method: 'x-forwarded-method',
    host: 'x-forwarded-host',
    proto: 'x-forwarded-proto',
    uri: 'x-forwarded-uri',
    clientAddresses: 'x-forwarded-for',
  },
} as const satisfies Record<string, HeaderProfile>

export type ProfileName = keyof typeof HEADER_PROFILES
