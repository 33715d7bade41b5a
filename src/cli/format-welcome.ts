import type { DemoToken } from '../config/find-demo-token.ts'
import type { TokenPlace } from '../config/parse-token-place.ts'
import { findSamples } from './find-samples.ts'
import type { Sample } from './find-samples.ts'
import type { AppSummary, RunningApp } from '../app.ts'

export interface WelcomeOptions {
  readonly demo: DemoToken | undefined
  /** Where a token may come from. */
  readonly from: readonly TokenPlace[]
  /** The watched folder. */
  readonly policies: string
}

/**
 * What a person needs next: addresses, apps with their hosts, paths and states, the demo token, and a `curl` line for each outcome
 * that the policies in service really give (allowed, denied, anonymous).
 */
export async function formatWelcome(app: RunningApp, options: WelcomeOptions): Promise<string> {
  const { demo, policies } = options
  const apps = app.apps()
  const samples = await findSamples(app, options)
  const lines = [
    '',
    `Regate decides at ${app.dataAddress}/auth and tells its state at ${app.adminAddress}/status`,
    '',
    `Apps in ${policies}, followed while you edit them:`,
    ...formatApps(apps),
    '',
    ...(demo === undefined ? [] : [`Demo token: ${demo.token} (it is ${demo.subject})`, '']),
    ...samples.flatMap((sample) => [`# ${sample.title}`, toCurl(sample, app.dataAddress), '']),
  ]
  return `${lines.join('\n')}\n`
}

function formatApps(apps: readonly AppSummary[]): readonly string[] {
  if (apps.length === 0) return ['  none: every request is denied']
  const rows = apps.map(({ name, hosts, paths, state }) => [
    name,
    state,
    hosts.length === 0 ? `only as /auth/${name}` : hosts.join(', '),
    paths.join(' '),
  ])
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.flatMap((row, index) => {
    const line = row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')
    const error = apps[index]?.error
    return [
      `  ${line.trimEnd()}`,
      ...(error === undefined ? [] : error.split('\n').map((text) => `    ${text}`)),
    ]
  })
}

function toCurl({ host, path, credential }: Sample, dataAddress: string): string {
  const headers = [
    'X-Forwarded-Method: GET',
    'X-Forwarded-Proto: https',
    `X-Forwarded-Host: ${host}`,
    `X-Forwarded-Uri: ${path}`,
    ...(credential === undefined ? [] : [credential.header]),
  ]
  const address = dataAddress.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:')
  return ['curl -i', ...headers.map((header) => `-H ${quoteForShell(header)}`), `${address}/auth`].join(' ')
}

function quoteForShell(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}
