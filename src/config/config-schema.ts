import { z } from 'zod'
import { authenticationSchema } from './authentication-schema.ts'
import { checkContradictions } from './check-contradictions.ts'
import { parseHeaderName } from './parse-header-name.ts'
import { parseListen } from './parse-listen.ts'
import { isEverybody, parseNetwork } from './parse-network.ts'
import { parseOrigin } from './parse-origin.ts'
import { expected, parsedText, quote } from './parsed.ts'
import { command, count, duration, flag, list, path, section, size } from './setting.ts'

/**
 * Everything that can be set, with its type, its range and a safe default. Paths are taken from `folder`.
 * The output still has the names of the file; `toConfig` gives it the names of the program.
 */
export function createConfigSchema(folder: string) {
  return z
    .strictObject(
      {
        listen: listen().default({ host: '127.0.0.1', port: 4182 }),
        admin: section({
          listen: listen().default({ host: '127.0.0.1', port: 4183 }),
          readyWaitsForKeys: flag().default(false),
        }).prefault({}),
        policies: path(folder).prefault('policies'),
        gate: choice('gate', ['tests', 'compile']).default('tests'),
        proxy: proxySchema().prefault({}),
        authentication: authenticationSchema(folder).prefault({}),
        responseHeaders: section({
          userId: headerName().default('X-User-ID'),
          roles: headerName().default('X-User-Roles'),
          separator: separator().default(','),
        }).prefault({}),
        compiler: section({
          path: z.exactOptional(command(folder)),
          timeout: duration('1s', '10m').default(30_000),
          memory: size('64MiB', '64GiB').default(1024 ** 3),
        }).prefault({}),
        cache: path(folder).prefault('.regate/cache'),
        limits: limitsSchema().prefault({}),
        log: section({
          level: choice('level', LEVELS).default('info'),
          decisions: flag().default(true),
        }).prefault({}),
        shutdown: duration('0s', '10m').default(10_000),
      },
      expected('a mapping of the keys in the documentation'),
    )
    .check(z.superRefine(checkContradictions, { when: () => true }))
}

export type ConfigSchema = ReturnType<typeof createConfigSchema>
export type Settings = z.output<ConfigSchema>

function listen() {
  return parsedText('host:port, such as 127.0.0.1:4182', parseListen)
}

function headerName() {
  return parsedText('a header name such as X-User-ID', parseHeaderName)
}

function proxySchema() {
  return section({
    profile: z
      .literal('traefik', {
        error: ({ input }) => `${quote(input)} is not supported by this version; write traefik`,
      })
      .default('traefik'),
    trusted: list(parsedText('a network such as 10.0.0.0/8', parseNetwork), 'networks').default([
      '127.0.0.0/8',
      '::1/128',
    ]),
    trustEveryone: flag().default(false),
    calls: z.exactOptional(parsedText('an address such as http://regate:4182', parseOrigin)),
  }).check(z.superRefine(checkTrust, { when: () => true }))
}

function checkTrust(proxy: { trusted: unknown; trustEveryone: unknown }, context: z.RefinementCtx): void {
  if (proxy.trustEveryone === true || !Array.isArray(proxy.trusted)) return
  for (const [index, network] of proxy.trusted.entries()) {
    if (typeof network !== 'string' || !isEverybody(network)) continue
    const message = `${quote(network)} lets every machine say who it forwards for; write the proxy's own networks, or proxy.trustEveryone: true`
    context.addIssue({ code: 'custom', path: ['trusted', index], message })
  }
}

function separator() {
  const message = expected('one character of ASCII punctuation other than %, or a space')
  return z.string(message).regex(/^[ !"#$&'()*+,\-./:;<=>?@[\\\]^_`{|}~]$/, message)
}

function limitsSchema() {
  return section({
    tokenBytes: size('256B', '1MiB').default(16 * 1024),
    uriBytes: size('256B', '1MiB').default(16 * 1024),
    queryKeys: count(1, 100_000).default(256),
    headerLines: count(20, 2000).default(216),
    headerBytes: size('4KiB', '1MiB').default(64 * 1024),
    bodyBytes: size('0B', '1GiB').default(1024 ** 2),
    claimCount: count(1, 100_000).default(256),
    claimDepth: count(1, 64).default(16),
    evaluation: duration('1ms', '10s').default(100),
  })
}

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const

function choice<const T extends readonly string[]>(what: string, values: T) {
  return z.enum(values, {
    error: ({ input }) => `${quote(input)} is no ${what}; write one of ${values.join(', ')}`,
  })
}
