import { readFile } from 'node:fs/promises'

/** What `regate init` can begin with, and what each is. */
export const TEMPLATES = {
  web: 'a web app with roles: viewers read, editors change, administrators get to /admin',
  api: 'an API with scopes: <app>:read and <app>:write',
  site: 'a public site with a part for administrators',
  grafana: 'Grafana, signed in through its auth proxy',
  deny: 'everything denied, for a beginning',
} as const

export type TemplateName = keyof typeof TEMPLATES

export interface AppFile {
  readonly name: string
  readonly text: string
}

/** The names that stand in a template for those of the app. */
const APP = /\bapp_name/g
const HOST = /app-host\.example/g

/** The files of a new app. */
export async function readTemplate(
  template: TemplateName,
  { app, host }: { readonly app: string; readonly host: string },
): Promise<readonly AppFile[]> {
  const folder = new URL(`../../templates/${template}/`, import.meta.url)
  return Promise.all(
    ['policy.rego', 'policy_test.rego', 'requests.yaml'].map(async (name) => {
      const text = await readFile(new URL(name, folder), 'utf8')
      return { name, text: text.replaceAll(APP, app).replaceAll(HOST, host) }
    }),
  )
}
