import { z } from 'zod'
import { expected, quote, text } from './parsed.ts'
import { flag, list, section } from './setting.ts'

interface ClaimPaths {
  readonly subject: string
  readonly roles: string
  readonly groups: string
  readonly scopes: string
  readonly email: string
  readonly name: string
  /** Default: `client_id`, else `azp`. */
  readonly clientId?: string
}

const DEFAULTS: ClaimPaths = {
  subject: 'sub',
  roles: 'roles',
  groups: 'groups',
  scopes: 'scope',
  email: 'email',
  name: 'name',
}

/** Where products put what differs from the defaults; docs/identity-providers.md gives the sources. */
const PRESETS = {
  keycloak: { roles: 'realm_access.roles' },
  authentik: {},
  auth0: { roles: 'permissions' },
  entra: { subject: 'oid', scopes: 'scp' },
  okta: { roles: 'groups', scopes: 'scp', clientId: 'cid' },
  google: {},
  zitadel: { roles: 'keys(urn:zitadel:iam:org:project:roles)' },
  kubernetes: {},
} as const satisfies Record<string, Partial<ClaimPaths>>

type Preset = keyof typeof PRESETS

const NAMES = Object.keys(PRESETS).filter((name): name is Preset => name in PRESETS)

/** The keys of an entry that say what its claims are and must be. */
export function claimSettings() {
  return {
    preset: z.exactOptional(z.enum(NAMES, expected(`one of ${NAMES.join(', ')}`))),
    claims: section({
      subject: z.exactOptional(claim()),
      roles: z.exactOptional(claim()),
      groups: z.exactOptional(claim()),
      scopes: z.exactOptional(claim()),
      email: z.exactOptional(claim()),
      name: z.exactOptional(claim()),
      clientId: z.exactOptional(claim()),
    }).prefault({}),
    requiredClaims: z.exactOptional(list(claim(), 'claims such as jti')),
    clients: z.exactOptional(list(text('the id of a client'), 'ids of clients')),
    senderConstrained: flag().default(false),
  }
}

interface ClaimEntry {
  readonly preset?: Preset
  readonly claims: Partial<ClaimPaths>
}

/** The entry with all its paths: what it says itself, else what its preset says, else the defaults. */
export function withClaims<Entry extends ClaimEntry>({ preset, claims, ...entry }: Entry) {
  const presets: Partial<ClaimPaths> = preset === undefined ? {} : PRESETS[preset]
  const kinds = preset === 'keycloak' ? KEYCLOAK_KINDS : undefined
  return { ...entry, kinds, claims: { ...DEFAULTS, ...presets, ...claims } }
}

/** Keycloak's ID, refresh and logout tokens say so in the claim `typ`. */
const KEYCLOAK_KINDS: readonly string[] = ['Bearer', 'DPoP']

/** A path of claim names, such as `realm_access.roles`, or `keys(…)` around one. */
function claim() {
  return text('a claim such as sub or realm_access.roles').regex(/^[^.\s]+(?:\.[^.\s]+)*$/, {
    error: ({ input }) => `${quote(input)} is no claim; write a name, or names joined by dots`,
  })
}
