import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load-config.ts'
import { toDataPlaneOptions } from '../../src/config/to-data-plane-options.ts'
import { toDecideOptions } from '../../src/config/to-decide-options.ts'
import { RegateError } from '../../src/errors.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'regate-config-'))
  for (const name of ['tokens.yaml', 'users.htpasswd', 'users.yaml', 'jwks.json'])
    await writeFile(join(folder, name), '{}\n')
})
afterEach(() => rm(folder, { recursive: true }))

type Environment = Parameters<typeof loadConfig>[0]['environment']

async function load(source: string | Buffer, environment: Environment = {}) {
  await writeFile(join(folder, 'regate.yaml'), source)
  return loadConfig({ file: 'regate.yaml', environment, folder })
}

async function problemsOf(
  source: string | Buffer,
  environment: Environment = {},
): Promise<readonly string[]> {
  try {
    await load(source, environment)
    return []
  } catch (error) {
    if (!(error instanceof RegateError) || error.code !== 'CONFIG_INVALID') throw error
    return error.message.split('\n')
  }
}

/** Each refused text with the start of its message; `^` marks no place, the message names it. */
function refuses(rows: readonly (readonly [source: string, place: string, message: string])[]): void {
  it.each(rows)('refuses %j', async (source, place, message) => {
    const problems = await problemsOf(source)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(`regate.yaml:${place} `)
    expect(problems[0]).toContain(message)
    expect(problems[0]).toMatch(/; \w/)
  })
}

function accepts(sources: readonly string[]): void {
  it.each(sources)('accepts %j', async (source) => {
    expect(await problemsOf(source)).toEqual([])
  })
}

const issuer = (more: string) =>
  `authentication: { jwt: [{ issuer: "https://id.example.com", audiences: [a], ${more} }] }`

describe('the configuration', () => {
  it('is complete where the file says nothing', () => {
    expect(loadConfig({ environment: {}, folder: '/srv/regate' })).toEqual({
      listen: { host: '127.0.0.1', port: 4182 },
      admin: { listen: { host: '127.0.0.1', port: 4183 }, readyWaitsForKeys: false },
      policies: '/srv/regate/policies',
      gate: 'tests',
      proxy: { profile: 'traefik', trusted: ['127.0.0.0/8', '::1/128'], trustEveryone: false },
      authentication: {
        realm: 'regate',
        from: [{ kind: 'authorization' }],
        jwt: [],
        introspection: [],
        limits: { tokenBytes: 16_384, claimCount: 256, claimDepth: 16 },
        keyFetch: {
          timeoutMs: 5000,
          cooldownMs: 10_000,
          maxBytes: 1_048_576,
          maxAgeMs: 600_000,
          maxStaleMs: 3_600_000,
        },
      },
      responseHeaders: { userId: 'X-User-ID', roles: 'X-User-Roles', separator: ',' },
      compiler: { timeoutMs: 30_000, memoryBytes: 1_073_741_824 },
      cache: '/srv/regate/.regate/cache',
      limits: {
        tokenBytes: 16_384,
        uriBytes: 16_384,
        queryKeys: 256,
        headerLines: 216,
        headerBytes: 65_536,
        bodyBytes: 1_048_576,
        claimCount: 256,
        claimDepth: 16,
        evaluationMs: 100,
      },
      log: { level: 'info', decisions: true },
      shutdownMs: 10_000,
    })
  })

  it.each(['', '# nothing\n', '---\n', '{}'])('takes an empty file as nothing said: %j', async (source) => {
    expect(await load(source)).toEqual(loadConfig({ environment: {}, folder }))
  })

  it('shows every default in the shipped example, which adds the demo token alone', () => {
    const shipped = new URL('../..', import.meta.url).pathname
    const example = loadConfig({ file: 'regate.yaml', environment: {}, folder: shipped })
    const defaults = loadConfig({ environment: {}, folder: shipped })
    const authentication = { ...defaults.authentication, tokens: { file: join(shipped, 'tokens.yaml') } }
    expect(example).toEqual({ ...defaults, authentication })
  })

  it('names in the shipped example every key that can be set', async () => {
    const example = await readFile(new URL('../../regate.yaml', import.meta.url), 'utf8')
    const keys =
      'listen admin readyWaitsForKeys policies gate proxy profile trusted trustEveryone calls authentication realm from tokens apiKeys header basic htpasswd users revocations jwt issuer audiences keys algorithms clockTolerance allowHttp claims subject roles groups scopes email name clientId preset requiredClaims clients accessTokensOnly maxSignInAge introspection url clientSecretFile clientSecretIn privateKeyFile privateKeyId certificateFile certificateKeyFile audienceOptional tokenTypes cache negativeCache jwtToo keyFetch timeout cooldown maxSize maxAge maxStale responseHeaders userId separator compiler path memory cache limits tokenBytes uriBytes queryKeys headerLines headerBytes bodyBytes claimCount claimDepth evaluation log level decisions shutdown'
    for (const key of keys.split(' ')) expect(example).toMatch(new RegExp(`\\b${key}:`))
  })

  it('is what the file says, with paths from the folder of the file', async () => {
    const config = await load(`
listen: "[::1]:9000"
admin: { listen: 0.0.0.0:9001 }
policies: ../rules
authentication:
  from: [authorization, "cookie:Session", "header:X-Token"]
  jwt:
    - issuer: https://id.example.com
      audiences: [grafana, wiki]
      clockTolerance: 60s
      claims: { roles: realm_access.roles }
    - { issuer: dev, audiences: [a], keys: { file: jwks.json } }
    - { issuer: https://b.example.com, audiences: [a], keys: { url: "http://127.0.0.1:9/keys" } }
  tokens: { file: tokens.yaml }
  apiKeys: { file: tokens.yaml, header: X-Api-Key }
  basic: { htpasswd: users.htpasswd, users: users.yaml }
  revocations: { file: users.yaml }
compiler: { path: bin/opa, timeout: 2m }
limits: { evaluation: 250ms }
`)
    expect(config).toMatchObject({
      listen: { host: '::1', port: 9000 },
      admin: { listen: { host: '0.0.0.0', port: 9001 } },
      policies: join(folder, '../rules'),
      compiler: { path: join(folder, 'bin/opa'), timeoutMs: 120_000 },
      limits: { evaluationMs: 250 },
    })
    expect(config.authentication).toMatchObject({
      from: [
        { kind: 'authorization' },
        { kind: 'cookie', name: 'Session' },
        { kind: 'header', name: 'x-token' },
      ],
      tokens: { file: join(folder, 'tokens.yaml') },
      apiKeys: { file: join(folder, 'tokens.yaml'), header: 'x-api-key' },
      revocations: { file: join(folder, 'users.yaml') },
      basic: { htpasswd: join(folder, 'users.htpasswd'), users: join(folder, 'users.yaml') },
    })
    // Else policies would see the keys, and no challenge would ask for one.
    expect(toDataPlaneOptions(config).tokenHeaders).toEqual(['x-token', 'x-api-key'])
    expect(toDecideOptions(config).challenge.schemes).toEqual(['Bearer', 'Basic'])
    expect(config.authentication.jwt).toMatchObject([
      {
        keys: { kind: 'discovery' },
        clockToleranceMs: 60_000,
        claims: { subject: 'sub', roles: 'realm_access.roles' },
      },
      { issuer: 'dev', keys: { kind: 'file', path: join(folder, 'jwks.json') } },
      { keys: { kind: 'url', url: 'http://127.0.0.1:9/keys' } },
    ])
  })

  it('cannot be changed afterwards, at any depth', async () => {
    const config = await load(issuer(''))
    const frozen = (value: unknown): boolean =>
      typeof value !== 'object' ||
      value === null ||
      (Object.isFrozen(value) && Object.values(value).every(frozen))
    expect(frozen(config)).toBe(true)
  })

  it('keeps a bare compiler name, to be looked up in PATH', async () => {
    expect((await load('compiler: { path: opa }')).compiler.path).toBe('opa')
  })
})

describe('problems', () => {
  it('are told all at once, in the order of the file, then those of the environment', async () => {
    const source = `listen: 4182
polices: rules
log:
  level: loud
  decisions: maybe
authentication:
  jwt:
    - issuer: https://id.example.com
      algorithms: [HS256]
listen: 127.0.0.1:1
proxy: { trusted: [0.0.0.0/0] }
responseHeaders: { userId: X-A, roles: x-a }
`
    const problems = await problemsOf(source, { REGATE_CACHE: '', REGATE_SHUTDOWN: 'soon' })
    expect(problems.map((problem) => problem.split(' ')[0])).toEqual([
      'regate.yaml:1:9:',
      'regate.yaml:2:1:',
      'regate.yaml:4:10:',
      'regate.yaml:5:14:',
      'regate.yaml:8:7:',
      'regate.yaml:9:20:',
      'regate.yaml:10:1:',
      'regate.yaml:11:20:',
      'regate.yaml:12:40:',
      'REGATE_CACHE:',
      'REGATE_SHUTDOWN:',
    ])
  })

  it('carry the place of the first one for programs', async () => {
    await expect(load('a: 1\nlog: 5')).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      location: { file: 'regate.yaml', row: 1, column: 1 },
    })
  })

  it('of one section hide none of another', async () => {
    expect(await problemsOf('log: 5\nadmin: { listen: 127.0.0.1:4182 }')).toHaveLength(2)
  })

  it('never show a password that stands in a URL', async () => {
    const [problem] = await problemsOf(issuer('keys: { url: "https://root:planted@id.example.com/" }'))
    expect(problem).toContain('user name or a password')
    expect(problem).not.toContain('planted')
  })

  it('of a file that cannot be read name the file and the cause', async () => {
    expect(() => loadConfig({ file: 'absent.yaml', environment: {}, folder })).toThrow(
      'absent.yaml: cannot be read (ENOENT)',
    )
    expect(() => loadConfig({ file: '.', environment: {}, folder })).toThrow('.: cannot be read (EISDIR)')
    expect(await problemsOf(Buffer.from([0x61, 0x3a, 0xff]))).toEqual([
      expect.stringContaining('cannot be read'),
    ])
    expect(await problemsOf(`# ${'x'.repeat(2 ** 20)}`)).toEqual([
      expect.stringContaining('larger than 1 MiB'),
    ])
  })
})

describe('as YAML', () => {
  refuses([
    ['log: [', '1:7:', 'mend the YAML'],
    ['log: {}\n---\nlog: {}', '2:1:', 'second document'],
    ['log: {}\nlog: {}', '2:1:', '"log" is there twice'],
    ['log: { level: info, level: warn }', '1:21:', '"level" is there twice'],
    ['policies: !!js/function x', '1:11:', 'tag'],
    ['policies: !secret x', '1:11:', 'tag'],
    ['policies: &a rules\ncache: *a', '2:8:', 'alias'],
    ['1: x', '1:1:', 'not text'],
    ['? [a]\n: x', '1:3:', 'not text'],
    ['- listen', '1:1:', 'is a list'],
    ['text', '1:1:', 'is not valid here'],
    ['__proto__: { trustEveryone: true }', '1:1:', 'no key'],
    ['constructor: 1', '1:1:', 'no key'],
    ['listen:', '1:8:', 'is empty'],
  ])

  it('does not expand what would never end', async () => {
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x]',
      ...'bcdefghi'.split('').map((name, index) => {
        const before = 'abcdefgh'[index]
        return `${name}: &${name} [${Array.from({ length: 8 }, () => `*${before}`).join(',')}]`
      }),
    ].join('\n')
    expect((await problemsOf(bomb)).length).toBeGreaterThan(8)
  })

  accepts(['policies: !!str rules', 'log: { "level": info }', '\ufefflog: {}', 'log: {}\r\nshutdown: 1s\r\n'])
})

describe('keys', () => {
  refuses([
    ['polices: x', '1:1:', 'is no key of this version; write policies'],
    ['response_headers: {}', '1:1:', 'is no key of this version; write responseHeaders'],
    ['proxy:\n  trust: [10.0.0.0/8]', '2:3:', 'is no key of this version; write trusted'],
    [issuer('allowHTTP: true'), '1:77:', 'is no key of this version; write allowHttp'],
    ['metricsPort: 9', '1:1:', 'no key of this version; remove it'],
    ['authentication: { dpop: true }', '1:25:', 'true is not valid here; write {} for the defaults'],
    ['authentication: { tokens: tokens.yaml }', '1:27:', 'write { file: tokens.yaml }'],
    [
      'authentication: { jwt: [{ issuer: "https://a" }] }',
      '1:25:',
      'write a list of audiences such as [wiki]',
    ],
    ['log: { decisions: "true" }', '1:19:', 'true or false'],
    ['limits: { queryKeys: "256" }', '1:22:', 'whole number'],
    ['limits: { queryKeys: 1.5 }', '1:22:', 'whole number'],
    ['limits: { queryKeys: 0 }', '1:22:', 'whole number'],
    ['limits: { queryKeys: 1e400 }', '1:22:', 'whole number'],
    ['limits: { queryKeys: .nan }', '1:22:', 'whole number'],
    ['policies: [a]', '1:11:', 'is a list'],
    ['log: { level: INFO }', '1:15:', 'no level'],
    ['gate: none', '1:7:', 'no gate; write one of tests, compile'],
    ['gate: false', '1:7:', 'no gate'],
    ['proxy: { profile: nginx }', '1:19:', 'not supported by this version; write traefik'],
  ])
})

describe('durations and sizes', () => {
  refuses([
    ['shutdown: 10', '1:11:', 'a duration such as 10s'],
    ['shutdown: 10S', '1:11:', 'not a duration'],
    ['shutdown: 1.5s', '1:11:', 'not a duration'],
    ['shutdown: -1s', '1:11:', 'not a duration'],
    ['shutdown: 010s', '1:11:', 'not a duration'],
    ['shutdown: 1 s', '1:11:', 'not a duration'],
    ['shutdown: 1h', '1:11:', 'write 0s to 10m'],
    ['limits: { evaluation: 0ms }', '1:23:', 'write 1ms to 10s'],
    [issuer('clockTolerance: 61s'), '1:93:', 'write 0s to 60s'],
    ['limits: { tokenBytes: 16384 }', '1:23:', 'a size such as 16KiB'],
    ['limits: { tokenBytes: 16KB }', '1:23:', 'not a size'],
    ['limits: { tokenBytes: 16kib }', '1:23:', 'not a size'],
    ['limits: { bodyBytes: 2GiB }', '1:22:', 'write 0B to 1GiB'],
    ['limits: { uriBytes: 65KiB }', '1:21:', 'more than limits.headerBytes'],
  ])
  accepts([
    'shutdown: 0s',
    'shutdown: 10m',
    'limits: { evaluation: 1ms }',
    'limits: { bodyBytes: 0B, uriBytes: 64KiB }',
  ])
})

describe('listen', () => {
  refuses([
    ['listen: ":4182"', '1:9:', 'write host:port'],
    ['listen: 127.0.0.1', '1:9:', 'write host:port'],
    ['listen: 127.0.0.1:65536', '1:9:', 'write host:port'],
    ['listen: 127.0.0.1:04182', '1:9:', 'write host:port'],
    ['listen: "::1:4182"', '1:9:', 'write host:port'],
    ['listen: "[::1%lo]:4182"', '1:9:', 'write host:port'],
    ['listen: "[127.0.0.1]:4182"', '1:9:', 'write host:port'],
    ['listen: 127.0.1:4182', '1:9:', 'write host:port'],
    ['listen: 0177.0.0.1:4182', '1:9:', 'write host:port'],
    ['listen: http://127.0.0.1:4182', '1:9:', 'write host:port'],
    ['listen: "a b:4182"', '1:9:', 'write host:port'],
    ['admin: { listen: 127.0.0.1:4182 }', '1:18:', 'takes the port of listen'],
    ['admin: { listen: 0.0.0.0:4182 }', '1:18:', 'takes the port of listen'],
  ])
  accepts([
    'listen: 0.0.0.0:4182',
    'listen: "[::1]:4182"',
    'listen: "[::]:4182"',
    'listen: localhost:4182',
    'listen: gate-1.internal:4182',
    'listen: 127.0.0.1:0\nadmin: { listen: 127.0.0.1:0 }',
    'listen: 127.0.0.1:9\nadmin: { listen: "[::1]:9" }',
    'listen: 0.0.0.0:9\nadmin: { listen: "[::1]:9" }',
  ])

  it('names the plane whose port is taken, though only the other one was set', async () => {
    expect(await problemsOf('listen: "[::]:4183"')).toEqual([
      'regate.yaml:1:1: admin.listen: takes the port of listen; write another port',
    ])
  })
})

describe('trusted proxies', () => {
  const trusted = (network: string) => `proxy: { trusted: ["${network}"] }`
  refuses([
    ['proxy: { trusted: [] }', '1:19:', 'is an empty list'],
    ['proxy: { trusted: 10.0.0.0/8 }', '1:19:', 'a list of networks'],
    [trusted(''), '1:20:', 'is empty'],
    [trusted('localhost'), '1:20:', 'not a network'],
    [trusted('010.0.0.0/8'), '1:20:', 'not a network'],
    [trusted('10.0/8'), '1:20:', 'not a network'],
    [trusted('10.0.0.0/08'), '1:20:', 'not a network'],
    [trusted('10.0.0.0/'), '1:20:', 'not a network'],
    [trusted(' 10.0.0.0/8'), '1:20:', 'not a network'],
    [trusted('10.0.0.0/255.0.0.0'), '1:20:', 'not a network'],
    [trusted('10.0.0.0/33'), '1:20:', 'too long a prefix'],
    [trusted('10.0.0.1/8'), '1:20:', 'bits beyond its prefix'],
    [trusted('fd00::1/8'), '1:20:', 'bits beyond its prefix'],
    [trusted('fe80::1%eth0'), '1:20:', 'not a network'],
    [trusted('::ffff:10.0.0.0/104'), '1:20:', 'IPv4-mapped'],
    [trusted('0:0:0:0:0:FFFF:0a00:0/104'), '1:20:', 'IPv4-mapped'],
    [trusted('0.0.0.0/0'), '1:20:', 'proxy.trustEveryone: true'],
    [trusted('128.0.0.0/1'), '1:20:', 'proxy.trustEveryone: true'],
    [trusted('::/0'), '1:20:', 'proxy.trustEveryone: true'],
    [trusted('0:0::/0'), '1:20:', 'proxy.trustEveryone: true'],
  ])
  accepts([
    trusted('10.0.0.0/8'),
    trusted('192.168.1.7'),
    trusted('fd00::/8'),
    trusted('2001:db8::1'),
    trusted('::1/128'),
    'proxy: { trusted: ["0.0.0.0/0", "::/0"], trustEveryone: true }',
  ])

  it('become networks of one form', async () => {
    const { proxy } = await load('proxy: { trusted: [192.168.1.7, "FD00::/8", "2001:db8::1"] }')
    expect(proxy.trusted).toEqual(['192.168.1.7/32', 'fd00::/8', '2001:db8::1/128'])
  })
})

describe('claims', () => {
  const claimsOf = async (more: string) => (await load(issuer(more))).authentication.jwt[0]?.claims
  const defaults = { subject: 'sub', groups: 'groups', scopes: 'scope', email: 'email', name: 'name' }

  it('have the paths of OpenID Connect where nothing is said', async () => {
    expect(await claimsOf('')).toEqual({ ...defaults, roles: 'roles' })
  })

  it('have those of a preset, and what the entry says itself wins', async () => {
    expect(await claimsOf('preset: keycloak')).toEqual({ ...defaults, roles: 'realm_access.roles' })
    expect(await claimsOf('preset: okta, claims: { roles: teams }')).toEqual({
      ...defaults,
      roles: 'teams',
      scopes: 'scp',
      clientId: 'cid',
    })
  })

  it('are the same for introspection servers', async () => {
    const { authentication } = await load(server('preset: zitadel'))
    expect(authentication.introspection[0]?.claims.roles).toBe('keys(urn:zitadel:iam:org:project:roles)')
  })
})

const SECRET = 'clientSecretFile: tokens.yaml'
const server = (more: string, proof = SECRET) =>
  `authentication: { introspection: [{ audiences: [a], clientId: b, ${proof}, issuer: "https://id.example.com", ${more} }] }`

describe('introspection servers', () => {
  const introspection = (entry: string) => `authentication: { introspection: [${entry}] }`
  const rest = `audiences: [a], clientId: b, ${SECRET}`
  refuses([
    [introspection(`{ ${rest} }`), '1:35:', 'names no server; write url'],
    [introspection(`{ ${rest}, issuer: dev }`), '1:105:', 'not an address'],
    [introspection(`{ ${rest}, issuer: "http://id.example.com" }`), '1:105:', 'plain http'],
    [introspection(`{ ${rest}, url: "http://id.example.com/a" }`), '1:102:', 'plain http'],
    [
      introspection(`{ ${rest}, url: "https://a:b@id.example.com/a" }`),
      '1:102:',
      'a user name or a password',
    ],
    [server('', 'tokenTypes: [Bearer]'), '1:35:', 'no proof of the client, or several'],
    [server('privateKeyFile: tokens.yaml'), '1:35:', 'no proof of the client, or several'],
    [server('', 'certificateFile: tokens.yaml'), '1:35:', 'write both'],
    [server('clockTolerance: 61s'), '1:147:', 'write 0s to 60s'],
    [server('cache: 2h'), '1:138:', 'write 0s to 1h'],
    [server('clientSecretIn: query'), '1:147:', 'write header or body'],
    [server('', 'clientSecretFile: absent'), '1:84:', 'cannot be read (ENOENT)'],
  ])
  accepts([
    server(''),
    server('url: "https://id.example.com/introspect?x=1"'),
    server('url: "http://127.0.0.1:9/introspect"'),
    server('url: "http://id.example.com/introspect", allowHttp: true'),
    server('', 'privateKeyFile: tokens.yaml, privateKeyId: k1'),
    server('', 'certificateFile: tokens.yaml, certificateKeyFile: users.yaml'),
  ])

  it('are what the file says', async () => {
    const { authentication } = await load(
      server(
        'tokenTypes: [Bearer, N_A], cache: 30s, requiredClaims: [aud], clientSecretIn: body, jwtToo: true',
      ),
    )
    expect(authentication.introspection).toEqual([
      {
        issuer: 'https://id.example.com',
        clientId: 'b',
        client: { kind: 'secret', file: join(folder, 'tokens.yaml'), place: 'body' },
        audiences: ['a'],
        audienceOptional: false,
        tokenTypes: ['bearer', 'n_a'],
        claims: {
          subject: 'sub',
          roles: 'roles',
          groups: 'groups',
          scopes: 'scope',
          email: 'email',
          name: 'name',
        },
        demands: { requiredClaims: ['aud'] },
        clockToleranceMs: 10_000,
        allowHttp: false,
        jwtToo: true,
        cacheMs: 30_000,
        negativeCacheMs: 5000,
        timeoutMs: 5000,
      },
    ])
  })
})

describe('issuers', () => {
  const jwt = (entry: string) => `authentication: { jwt: [${entry}] }`
  refuses([
    [jwt('{ audiences: [a], keys: { file: jwks.json } }'), '1:25:', 'issuer: is missing'],
    [jwt('{ issuer: "https://a.example" }'), '1:25:', 'audiences: is missing'],
    [jwt('{ issuer: "https://a.example", audiences: [] }'), '1:67:', 'is an empty list'],
    [jwt('{ issuer: "https://a.example", audiences: [""] }'), '1:68:', 'is empty'],
    [jwt('{ issuer: dev, audiences: [a] }'), '1:35:', 'not an address'],
    [jwt('{ issuer: "http://id.example.com", audiences: [a] }'), '1:35:', 'allowHttp: true'],
    [jwt('{ issuer: "http://localhost.example.com", audiences: [a] }'), '1:35:', 'allowHttp: true'],
    [issuer('keys: { url: "http://10.0.0.1/k" }'), '1:90:', 'allowHttp: true'],
    [issuer('keys: { url: "ftp://10.0.0.1/k" }'), '1:90:', 'not an address'],
    [issuer('keys: { file: absent.json }'), '1:91:', 'cannot be read (ENOENT)'],
    [issuer('keys: { file: . }'), '1:91:', 'is no file'],
    [issuer('keys: {}'), '1:83:', 'no source of keys, or several'],
    [issuer('keys: { file: jwks.json, url: "https://a.example" }'), '1:83:', 'no source of keys, or several'],
    [issuer('keys: remote'), '1:83:', 'is not valid here'],
    [issuer('algorithms: []'), '1:89:', 'is an empty list'],
    [issuer('algorithms: [RS256, HS256]'), '1:97:', 'not an asymmetric signature algorithm'],
    [issuer('algorithms: [none]'), '1:90:', 'not an asymmetric signature algorithm'],
    [issuer('claims: { roles: a..b }'), '1:94:', 'is no claim'],
    [issuer('claims: { subject: "" }'), '1:96:', 'is empty'],
    [issuer('preset: okto'), '1:85:', 'write one of keycloak, authentik'],
    [issuer('clockTolerance: 61s'), '1:93:', 'write 0s to 60s'],
    [issuer('requiredClaims: []'), '1:93:', 'is an empty list'],
    [issuer('clients: [""]'), '1:87:', 'is empty'],
    [issuer('maxAge: 0s'), '1:85:', 'write 1s to'],
  ])
  accepts([
    issuer(''),
    issuer('keys: discovery'),
    issuer('keys: { url: "https://keys.example.com/jwks?x=1" }'),
    issuer('algorithms: [PS512, ES384, EdDSA, ES256K]'),
    issuer('clockTolerance: 60s'),
    issuer('accessTokensOnly: true, maxAge: 1h, maxSignInAge: 12h, requiredClaims: [jti], clients: [shop]'),
    issuer('claims: { roles: "https://id.example.com/roles" }'),
    jwt('{ issuer: dev, audiences: [a], keys: { file: jwks.json } }'),
    jwt('{ issuer: "http://127.0.0.1:9", audiences: [a] }'),
    jwt('{ issuer: "http://id.example.com", audiences: [a], allowHttp: true }'),
  ])

  it('that are there twice are refused, for one would hide the other', async () => {
    const twice = 'authentication:\n  jwt:\n    - { issuer: d, audiences: [a], keys: { file: jwks.json } }\n'
    expect(
      await problemsOf(`${twice}    - { issuer: d, audiences: [b], keys: { file: jwks.json } }\n`),
    ).toEqual(['regate.yaml:4:17: authentication.jwt[1].issuer: is there twice; remove one'])
  })
})

describe('where tokens come from, and the headers of identities', () => {
  const from = (place: string) => `authentication: { from: ["${place}"] }`
  const headers = (more: string) => `responseHeaders: { ${more} }`
  refuses([
    ['authentication: { from: [] }', '1:25:', 'is an empty list'],
    [from('Authorization'), '1:26:', 'no place for a token'],
    [from('query:token'), '1:26:', 'no place for a token'],
    [from('cookie:'), '1:26:', 'no place for a token'],
    [from('cookie:a b'), '1:26:', 'no place for a token'],
    [from('header:X Token'), '1:26:', 'not a header name'],
    [from('header:Authorization'), '1:26:', 'a meaning of its own'],
    [from('header:X-Forwarded-For'), '1:26:', 'a meaning of its own'],
    [from('header:X-Forwarded-Tls-Client-Cert'), '1:26:', 'a meaning of its own'],
    [from('header:DPoP'), '1:26:', 'a meaning of its own'],
    [from('header:Client-Cert'), '1:26:', 'a meaning of its own'],
    [from('header:X-User-ID'), '1:26:', 'identity header'],
    ['authentication: { from: [authorization, authorization] }', '1:41:', 'is there twice'],
    ['authentication: { realm: "a\\"b" }', '1:26:', 'is no realm'],
    [headers('userId: X-A, roles: x-a'), '1:40:', 'is the name of responseHeaders.userId'],
    ...[
      'Host',
      'Connection',
      'Set-Cookie',
      'Content-Type',
      'Transfer-Encoding',
      'X-Forwarded-User',
      'Te',
      'Proxy-X',
      'dpop',
      'Client-Cert-Chain',
    ].map((name) => [headers(`userId: ${name}`), '1:28:', 'a meaning of its own'] as const),
    [headers('userId: X_User_ID'), '1:28:', 'not a header name'],
    [headers('userId: "X-User: a"'), '1:28:', 'not a header name'],
    [headers('userId: "X-User\\r\\nX-Admin"'), '1:28:', 'not a header name'],
    ...['', '%', ';;', 'a', '0', '\\t', 'é', '\\x7f'].map(
      (separator) =>
        [headers(`separator: "${separator}"`), '1:31:', 'one character of ASCII punctuation'] as const,
    ),
  ])
  accepts([
    from('cookie:__Host-session'),
    from('header:X-API-Key'),
    headers('userId: Remote-User, roles: Remote-Groups'),
    ...[' ', ',', ';', '|', '-', '\\\\', '`'].map((separator) => headers(`separator: "${separator}"`)),
  ])
})

describe('proofs of possession', () => {
  const key = 'keys: { url: "https://id.example.com/jwks" }'
  const bound = (section: string) =>
    `authentication: { ${section}: [{ issuer: "https://id.example.com", audiences: [a], senderConstrained: true, MORE }]`
  const jwt = bound('jwt').replace('MORE', key)
  const introspection = bound('introspection').replace('MORE', `clientId: b, ${SECRET}`)
  refuses([
    [
      'authentication: { dpop: { nonceSecretFile: regate.yaml } }',
      '1:44:',
      'does nothing without nonce: true',
    ],
    [
      'authentication: { dpop: {}, from: ["cookie:a"] }',
      '1:25:',
      'needs authorization in authentication.from',
    ],
    [`${jwt} }`, '1:96:', 'without them no token could be proved'],
    [`${introspection} }`, '1:106:', 'without them no token could be proved'],
  ])
  accepts([
    'authentication: { dpop: {}, from: ["cookie:a", authorization] }',
    `${jwt}, dpop: {} }`,
    `${introspection}, dpop: {} }`,
    `${jwt}, certificates: { proxyOverwrites: true } }`,
  ])
})

const keyHeader = (name: string) => `authentication: { apiKeys: { file: tokens.yaml, header: ${name} } }`

describe('files that hold callers', () => {
  refuses([
    ['authentication: { tokens: {} }', '1:19:', 'file: is missing'],
    ['authentication: { tokens: { file: absent.yaml } }', '1:35:', 'cannot be read (ENOENT)'],
    ['authentication: { basic: { users: users.yaml } }', '1:19:', 'htpasswd: is missing'],
    ['authentication: { basic: { htpasswd: . } }', '1:38:', 'is no file'],
    ['authentication: { apiKeys: { header: X-Api-Key } }', '1:19:', 'file: is missing'],
    [
      'authentication: { revocations: { file: absent.yaml } }',
      '1:40:',
      'cannot be read (ENOENT); write the path of a readable file; an empty list is []',
    ],
    [
      'authentication: { apiKeys: { file: absent.yaml } }',
      '1:36:',
      'cannot be read (ENOENT); write the path of a readable file; `regate key new` makes it',
    ],
    ['authentication: { apiKeys: { file: . } }', '1:36:', 'is no file; write the path of a file'],
    [keyHeader('Authorization'), '1:57:', 'a meaning of its own'],
    [keyHeader('Cookie'), '1:57:', 'a meaning of its own'],
    [keyHeader('DPoP'), '1:57:', 'a meaning of its own'],
    [keyHeader('Client-Cert'), '1:57:', 'a meaning of its own'],
    [keyHeader('X_Api_Key'), '1:57:', 'not a header name'],
    [keyHeader('x-user-id'), '1:57:', 'identity header'],
    [
      keyHeader('X-K }, from: ["header:x-k"], tokens: { file: tokens.yaml'),
      '1:57:',
      'is in authentication.from',
    ],
  ])
  accepts([
    'authentication: { tokens: { file: tokens.yaml } }',
    'authentication: { apiKeys: { file: tokens.yaml } }',
    keyHeader('X-Api-Key'),
    'authentication: { basic: { htpasswd: users.htpasswd } }',
  ])
})

describe('the environment', () => {
  it('sets every kind of scalar, over the file', async () => {
    const config = await load('listen: 127.0.0.1:1\nlimits: { queryKeys: 5 }', {
      REGATE_LISTEN: '127.0.0.1:2',
      REGATE_ADMIN_LISTEN: '127.0.0.1:3',
      REGATE_PROXY_TRUST_EVERYONE: 'true',
      REGATE_PROXY_TRUSTED: '10.0.0.0/8, ::/0',
      REGATE_LIMITS_TOKEN_BYTES: '32KiB',
      REGATE_LIMITS_QUERY_KEYS: '9',
      REGATE_RESPONSE_HEADERS_USER_ID: 'X-Who',
      REGATE_LOG_DECISIONS: 'false',
      REGATE_AUTHENTICATION_KEY_FETCH_MAX_AGE: '1h',
      REGATE_AUTHENTICATION_TOKENS_FILE: 'tokens.yaml',
    })
    expect(config).toMatchObject({
      listen: { port: 2 },
      admin: { listen: { port: 3 } },
      proxy: { trusted: ['10.0.0.0/8', '::/0'], trustEveryone: true },
      limits: { tokenBytes: 32_768, queryKeys: 9 },
      responseHeaders: { userId: 'X-Who', roles: 'X-User-Roles' },
      log: { decisions: false },
      authentication: { keyFetch: { maxAgeMs: 3_600_000 }, limits: { tokenBytes: 32_768 } },
    })
  })

  it('names a whole issuer, so that a container needs no file', () => {
    const environment = {
      REGATE_AUTHENTICATION_JWT_0_ISSUER: 'https://a.example',
      REGATE_AUTHENTICATION_JWT_0_AUDIENCES: 'grafana,wiki',
      REGATE_AUTHENTICATION_JWT_0_CLAIMS_ROLES: 'realm_access.roles',
      REGATE_AUTHENTICATION_JWT_1_ISSUER: 'https://b.example',
      REGATE_AUTHENTICATION_JWT_1_AUDIENCES: 'a',
      REGATE_AUTHENTICATION_JWT_1_KEYS_URL: 'https://b.example/keys',
    }
    expect(loadConfig({ environment, folder }).authentication.jwt).toMatchObject([
      {
        issuer: 'https://a.example',
        audiences: ['grafana', 'wiki'],
        claims: { roles: 'realm_access.roles' },
      },
      { issuer: 'https://b.example', keys: { kind: 'url', url: 'https://b.example/keys' } },
    ])
  })

  it('changes one field of an issuer of the file', async () => {
    const { authentication } = await load(issuer('clockTolerance: 5s'), {
      REGATE_AUTHENTICATION_JWT_0_AUDIENCES: 'b',
    })
    expect(authentication.jwt).toMatchObject([{ audiences: ['b'], clockToleranceMs: 5000 }])
  })

  it('takes paths from the working folder, the file from its own', async () => {
    await writeFile(join(folder, 'regate.yaml'), 'cache: c')
    const environment = { REGATE_POLICIES: 'p', REGATE_OPA: './opa' }
    const config = loadConfig({ file: join(folder, 'regate.yaml'), environment, folder: '/elsewhere' })
    expect(config).toMatchObject({
      cache: join(folder, 'c'),
      policies: '/elsewhere/p',
      compiler: { path: '/elsewhere/opa' },
    })
  })

  it.each([
    [
      { REGATE_ADMIN_LISTN: 'x' },
      'REGATE_ADMIN_LISTN: is no setting (did you mean REGATE_ADMIN_LISTEN?); unset it',
    ],
    [{ REGATE_METRICS: 'x' }, 'REGATE_METRICS: is no setting'],
    [{ REGATE_PROXY_TRUSTED: '' }, 'REGATE_PROXY_TRUSTED: is empty; unset it'],
    [{ REGATE_PROXY_TRUSTED: '10.0.0.0/8,' }, 'REGATE_PROXY_TRUSTED: proxy.trusted[1]: is empty'],
    [
      { REGATE_LOG_DECISIONS: 'yes' },
      'REGATE_LOG_DECISIONS: log.decisions: "yes" is not valid here; write true or false',
    ],
    [{ REGATE_LIMITS_QUERY_KEYS: '0x10' }, 'REGATE_LIMITS_QUERY_KEYS: limits.queryKeys: "0x10"'],
    [
      { REGATE_ADMIN_LISTEN: '127.0.0.1:4182' },
      'REGATE_ADMIN_LISTEN: admin.listen: takes the port of listen',
    ],
    [
      { REGATE_OPA: 'a', REGATE_COMPILER_PATH: 'b' },
      'REGATE_OPA: sets compiler.path, and so does REGATE_COMPILER_PATH',
    ],
    [{ REGATE_AUTHENTICATION_JWT_1_ISSUER: 'x' }, 'REGATE_AUTHENTICATION_JWT_1_ISSUER: leaves a gap'],
    [
      { REGATE_AUTHENTICATION_JWT_0_ISSUER: 'https://a.example' },
      'REGATE_AUTHENTICATION_JWT_0_ISSUER: authentication.jwt[0].audiences: is missing',
    ],
  ])('names the variable that is wrong: %j', async (environment, message) => {
    const problems = await problemsOf('', environment)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(message)
  })

  it('does not silently lose to a file that has another shape there', async () => {
    const problems = await problemsOf('log: loud', { REGATE_LOG_LEVEL: 'warn' })
    expect(problems).toEqual([
      expect.stringContaining('regate.yaml:1:6: log: "loud"'),
      expect.stringContaining('REGATE_LOG_LEVEL: sets log.level, but log in the file holds no such key'),
    ])
  })

  it('passes over what Kubernetes says of a service of that name, and the two variables that are no settings', async () => {
    const environment = {
      REGATE_CONFIG: 'regate.yaml',
      REGATE_SERVICE_HOST: '10.0.0.1',
      REGATE_SERVICE_PORT: '4182',
      REGATE_SERVICE_PORT_HTTP_AUTH: '4182',
      REGATE_PORT: 'tcp://10.0.0.1:4182',
      REGATE_PORT_4182_TCP: 'tcp://10.0.0.1:4182',
      REGATE_PORT_4182_TCP_PROTO: 'tcp',
      REGATE_PORT_4182_TCP_PORT: '4182',
      REGATE_PORT_4182_TCP_ADDR: '10.0.0.1',
      REGATE_ADMIN_SERVICE_HOST: '10.0.0.2',
      REGATE_ADMIN_PORT: 'tcp://10.0.0.2:4183',
      REGATED: 'x',
      REGATE_OPA: undefined,
    }
    expect(await problemsOf('', environment)).toEqual([])
    expect(await problemsOf('', { REGATE_PORT: '4182' })).toHaveLength(1)
  })
})

describe('proxy.calls', () => {
  it.each(['http://regate:4182', 'https://[::1]', 'http://10.0.0.1:80/'])(
    'is an address: %s',
    async (calls) => {
      const { proxy } = await load(`proxy: { calls: "${calls}" }`)
      expect(proxy.calls).toBe(new URL(calls).origin)
    },
  )

  it.each(['regate:4182', 'http://regate/auth', 'http://a?b', 'http://u:secret@a', 'ftp://a', 'http://'])(
    'is no %s',
    async (calls) => {
      const refused = load(`proxy: { calls: "${calls}" }`)
      await expect(refused).rejects.toThrow('proxy.calls')
      await expect(refused).rejects.not.toThrow('secret')
    },
  )
})
