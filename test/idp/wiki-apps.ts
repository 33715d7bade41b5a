/** The apps of these tests: who is admitted is said by roles, clients, scopes or the way of authentication. */
export const wikiApps: Readonly<Record<string, string>> = {
  editors: 'allow if "editor" in input.identity.roles',
  robots: 'allow if input.identity.client_id == "robot"',
  bound_robots: 'allow if input.identity.client_id == "bound"',
  page_admins: 'allow if "page-admin" in input.identity.claims.resource_access.wiki.roles',
  staff: 'allow if "staff" in input.identity.groups',
  writers: `authentication: { scopes: ["wiki:write"] }
---
allow if input.identity`,
  /** Its callers have nothing to do with any identity provider. */
  local: `authentication: { methods: [token] }
---
allow if input.identity`,
}

/** A token of the app `local`. */
export const localToken = 'token-of-the-local-app'

export const localFiles = {
  'tokens.yaml': `local: { plain: ${localToken}, subject: local }\n`,
}
