import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { type OpenCatalog, openCatalogOnce } from '../../src/cli/open-catalog-once.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { diagnose, type DoctorReport } from '../../src/traefik/doctor/diagnose.ts'
import { toTexts } from '../../src/traefik/doctor/parse-traefik-state.ts'
import { toGuardedApps } from '../../src/traefik/to-guarded-apps.ts'
import { sendRequest } from './send-request.ts'
import { freePort, waitFor } from './start-process.ts'
import { type RegateBed, startRegate } from './start-regate.ts'
import { startEcho, startTraefik, type TraefikBed } from './traefik-bed.ts'

let regate: RegateBed
let echo: Awaited<ReturnType<typeof startEcho>>
let catalog: OpenCatalog
let generated: Record<string, { forwardAuth: Record<string, unknown> }>

beforeAll(async () => {
  ;[regate, echo] = await Promise.all([startRegate(), startEcho()])
  const config = loadConfig({ file: regate.configFile, environment: {}, folder: '/' })
  catalog = await openCatalogOnce(config, { environmentPath: process.env['PATH'] ?? '' })
  generated = parse((await regate.run('traefik', 'generate')).stdout).http.middlewares
})
afterAll(async () => {
  echo.close()
  await catalog.close()
  await regate.close()
})

async function run(traefik: TraefikBed, ...words: readonly string[]) {
  const result = await regate.run('traefik', 'doctor', '--api', traefik.api, '--json', ...words)
  if (result.stdout === '') throw new Error(result.stderr)
  return { exitCode: result.exitCode, report: JSON.parse(result.stdout) as DoctorReport }
}

/** What the command does, with the policies loaded once. */
const examine = ({ api }: TraefikBed): Promise<DoctorReport> =>
  diagnose({
    api,
    fetch,
    address: regate.address,
    apps: toGuardedApps(catalog.status.apps, catalog.generation),
    find: catalog.generation.find,
    identityNames: ['X-User-ID', 'X-User-Roles'],
  })

interface Http {
  readonly middlewares?: object
  readonly routers?: object
  readonly services?: object
}

type Made = Http | (() => Http | Promise<Http>)

/** Every app behind the middleware that was generated for it, and what a test adds or changes. */
function toDynamic({ middlewares = {}, routers = {}, services = {} }: Http = {}) {
  return {
    http: {
      middlewares: { ...generated, ...middlewares },
      routers: {
        grafana: toRouter('grafana', ['regate-grafana']),
        site: toRouter('site', ['regate-site']),
        ...routers,
      },
      services: { echo: { loadBalancer: { servers: [{ url: echo.url }] } }, ...services },
    },
  }
}

const toRouter = (app: string, middlewares: readonly string[] = []) => ({
  rule: `Host(\`${app}.example.com\`)`,
  entryPoints: ['web'],
  service: 'echo',
  middlewares,
})

/** The middleware of grafana, changed. */
const change = (options: object) => ({
  'regate-grafana': { forwardAuth: { ...generated['regate-grafana']?.forwardAuth, ...options } },
})

describe('a recommended entry point', () => {
  let traefik: TraefikBed
  beforeAll(async () => {
    traefik = await startTraefik({}, { http: { aliasHeadersStrategy: 'delete' } })
  })
  afterAll(() => traefik.close())

  it('with generated middlewares gives no finding, and the canary shows that nothing forged arrives', async () => {
    await traefik.write(toDynamic())
    const canary = `http://127.0.0.1:${traefik.port}`
    const { exitCode, report } = await run(
      traefik,
      '--canary',
      canary,
      '--traefik-config',
      traefik.staticFile,
    )
    expect(report.findings).toEqual([])
    expect(exitCode).toBe(0)
    expect(report.guarded).toBe(2)
    expect(report.canary).toEqual(
      ['grafana.example.com', 'site.example.com'].map((host) => ({
        host,
        observations: [
          'forged X-Forwarded-Uri: did not arrive',
          'forged X-Forwarded-Method: did not arrive',
          'forged X-Forwarded-Host: did not arrive',
          'forged X-Forwarded-Proto: did not arrive',
          'forged X_User_Roles: did not arrive',
        ],
      })),
    )
  })

  it('with one middleware for all apps, as it is written by hand, gives notes at most', async () => {
    const text = await readFile(new URL('../../docker/traefik/dynamic.yaml', import.meta.url), 'utf8')
    const { middlewares, routers } = parse(text.replaceAll('http://regate:4182', regate.address)).http
    const names: [string, object][] = Object.entries(routers)
    const guarded = names.map(([name, router]) => [name, { ...router, service: 'echo' }])
    await traefik.write(toDynamic({ middlewares, routers: Object.fromEntries(guarded) }))
    const { findings } = await examine(traefik)
    expect(findings.filter(({ severity }) => severity !== 'note')).toEqual([])
  })

  it('is readable for people', async () => {
    await traefik.write(toDynamic({ routers: { grafana: toRouter('grafana') } }))
    const { stdout, stderr, exitCode } = await regate.run('traefik', 'doctor', '--api', traefik.api)
    expect(exitCode).toBe(1)
    expect(stderr).toBe('The doctor found what is to be mended.\n')
    expect(stdout).toContain('error ROUTER_UNGUARDED grafana@file\n')
    expect(stdout).toContain('\nnot visible: what really arrives at Regate')
    console.log(stdout)
  })
})

describe('each fault', () => {
  let traefik: TraefikBed
  beforeAll(async () => {
    traefik = await startTraefik({}, { http: { aliasHeadersStrategy: 'delete' } })
  })
  afterAll(() => traefik.close())

  const strip = { strip: { stripPrefix: { prefixes: ['/api'] } } }
  it.each<readonly [string, Made, string, string, string]>([
    [
      'a router without Regate',
      { routers: { open: toRouter('grafana') } },
      'ROUTER_UNGUARDED',
      'open@file',
      'error',
    ],
    [
      'a router without Regate under a path of an app',
      {
        routers: {
          open: { ...toRouter('site'), rule: 'Host(`site.example.com`) && PathPrefix(`/admin/x`)' },
        },
      },
      'ROUTER_UNGUARDED',
      'open@file',
      'error',
    ],
    [
      'a router of every host without Regate',
      { routers: { open: { ...toRouter('x'), rule: 'PathPrefix(`/`)' } } },
      'ROUTER_UNGUARDED',
      'open@file',
      'error',
    ],
    [
      'a router of hosts by a pattern without Regate',
      { routers: { open: { ...toRouter('x'), rule: 'HostRegexp(`^[0-9]+\\.other\\.test$`)' } } },
      'ROUTER_UNGUARDED',
      'open@file',
      'warning',
    ],
    [
      'a router with another authorizer',
      async () => ({
        middlewares: { other: { forwardAuth: { address: `${echo.url}/verify` } } },
        routers: { open: toRouter('grafana', ['other']) },
      }),
      'ROUTER_UNGUARDED',
      'open@file',
      'error',
    ],
    [
      'a list that misses a header',
      () => ({
        middlewares: change({ authResponseHeaders: ['X-User-Id', 'x-user-roles', 'X-Webauth-User'] }),
      }),
      'HEADER_MISSING',
      'regate-grafana@file',
      'error',
    ],
    [
      'the middleware of another app',
      { routers: { grafana: toRouter('grafana', ['regate-site']) } },
      'HEADER_MISSING',
      'regate-site@file',
      'error',
    ],
    [
      'a list that takes too much',
      () => ({
        middlewares: change({
          authResponseHeaders: [
            ...toTexts(generated['regate-grafana']?.forwardAuth['authResponseHeaders']),
            'Accept-Language',
          ],
        }),
      }),
      'HEADER_EXTRA',
      'regate-grafana@file',
      'warning',
    ],
    [
      'a pattern in place of a list',
      () => ({ middlewares: change({ authResponseHeadersRegex: '^X-' }) }),
      'HEADER_EXTRA',
      'regate-grafana@file',
      'warning',
    ],
    [
      'an address with another path',
      () => ({ middlewares: change({ address: `${regate.address}/verify` }) }),
      'ADDRESS_WRONG',
      'regate-grafana@file',
      'error',
    ],
    [
      'an address of an app that is not there',
      () => ({ middlewares: change({ address: `${regate.address}/auth/nobody` }) }),
      'ADDRESS_WRONG',
      'regate-grafana@file',
      'error',
    ],
    [
      'an address where nobody listens',
      async () => ({ middlewares: change({ address: `http://127.0.0.1:${await freePort()}/auth` }) }),
      'ADDRESS_UNREACHABLE',
      'regate-grafana@file',
      'error',
    ],
    [
      'trustForwardHeader',
      () => ({ middlewares: change({ trustForwardHeader: true }) }),
      'FORWARD_HEADER_TRUSTED',
      'regate-grafana@file',
      'warning',
    ],
    [
      'a path rewritten first',
      { middlewares: strip, routers: { grafana: toRouter('grafana', ['strip', 'regate-grafana']) } },
      'REWRITTEN_FIRST',
      'grafana@file',
      'error',
    ],
    [
      'a path rewritten first inside a chain',
      {
        middlewares: { ...strip, all: { chain: { middlewares: ['strip', 'regate-grafana'] } } },
        routers: { grafana: toRouter('grafana', ['all']) },
      },
      'REWRITTEN_FIRST',
      'grafana@file',
      'error',
    ],
    [
      'credentials written first',
      {
        middlewares: { sign: { headers: { customRequestHeaders: { authorization: 'Bearer x' } } } },
        routers: { grafana: toRouter('grafana', ['sign', 'regate-grafana']) },
      },
      'REWRITTEN_FIRST',
      'grafana@file',
      'error',
    ],
    [
      'authRequestHeaders',
      () => ({ middlewares: change({ authRequestHeaders: ['Authorization'] }) }),
      'REQUEST_HEADERS_LIMITED',
      'regate-grafana@file',
      'error',
    ],
    [
      'preserveRequestMethod',
      () => ({ middlewares: change({ preserveRequestMethod: true }) }),
      'REQUEST_METHOD_PRESERVED',
      'regate-grafana@file',
      'warning',
    ],
    [
      'forwardBody',
      () => ({ middlewares: change({ forwardBody: true }) }),
      'BODY_FORWARDED',
      'regate-grafana@file',
      'warning',
    ],
    [
      'authSigninURL',
      () => ({ middlewares: change({ authSigninURL: 'https://id.example.com/' }) }),
      'SIGN_IN_URL',
      'regate-grafana@file',
      'warning',
    ],
    [
      'an unbounded answer',
      () => ({ middlewares: change({ maxResponseBodySize: undefined }) }),
      'RESPONSE_UNBOUNDED',
      'regate-grafana@file',
      'note',
    ],
    [
      'an outer errors middleware',
      {
        middlewares: { pages: { errors: { status: ['400-499'], service: 'echo', query: '/{status}' } } },
        routers: { grafana: toRouter('grafana', ['pages', 'regate-grafana']) },
      },
      'ERRORS_OUTSIDE',
      'grafana@file',
      'warning',
    ],
    [
      'a headers middleware that removes an identity header',
      {
        middlewares: { clean: { headers: { customRequestHeaders: { 'x-webauth-user': '' } } } },
        routers: { grafana: toRouter('grafana', ['regate-grafana', 'clean']) },
      },
      'IDENTITY_REMOVED',
      'grafana@file',
      'error',
    ],
    [
      'two ForwardAuth in a row',
      () => ({
        middlewares: { other: { forwardAuth: { address: `${echo.url}/verify` } } },
        routers: { grafana: toRouter('grafana', ['other', 'regate-grafana']) },
      }),
      'FORWARD_AUTH_TWICE',
      'grafana@file',
      'warning',
    ],
    [
      'a router that names a middleware that is not there',
      { routers: { broken: toRouter('grafana', ['nobody']) } },
      'ROUTER_NOT_LOADED',
      'broken@file',
      'error',
    ],
    [
      'a router with a rule that cannot be read',
      { routers: { broken: { ...toRouter('x', ['regate-site']), rule: 'Hosst(`x`)' } } },
      'ROUTER_NOT_LOADED',
      'broken@file',
      'error',
    ],
    [
      'a middleware that cannot be used',
      () => ({ middlewares: change({ authResponseHeadersRegex: '(' }) }),
      'MIDDLEWARE_NOT_LOADED',
      'regate-grafana@file',
      'error',
    ],
  ])('is found: %s', async (name, made, code, subject, severity) => {
    await traefik.write(toDynamic(typeof made === 'function' ? await made() : made))
    const { findings } = await examine(traefik)
    const found = findings.find((finding) => finding.code === code && finding.subject === subject)
    expect(found, JSON.stringify(findings, undefined, 1)).toMatchObject({ severity })
    const others = new Set<string>(findings.map((finding) => finding.code))
    others.delete(code)
    // Its router cannot be served either.
    expect([...others]).toEqual(code === 'MIDDLEWARE_NOT_LOADED' ? ['ROUTER_NOT_LOADED'] : [])
    console.log(
      `${name}: ${found?.severity} ${found?.code} ${found?.subject} ${found?.message} | ${found?.mend}`,
    )
  })
})

describe('the canary', () => {
  it('reaches no app, even where the policy allows everything and every entry point believes everybody', async () => {
    const traefik = await startTraefik({}, { forwardedHeaders: { insecure: true } })
    try {
      await mkdir(join(regate.policies, 'open'))
      await writeFile(
        join(regate.policies, 'open/policy.rego'),
        '# METADATA\n# custom:\n#   hosts: ["*.open.example.com"]\npackage open\n\nallow := true\n',
      )
      const forwardAuth = { ...generated['regate-site']?.forwardAuth, trustForwardHeader: true }
      const rule = 'HostRegexp(`^.+\\.open\\.example\\.com$`)'
      const routers = { open: { ...toRouter('open', ['regate-open']), rule } }
      await traefik.write(toDynamic({ middlewares: { 'regate-open': { forwardAuth } }, routers }))
      const host = 'regate-doctor.open.example.com'
      await waitFor('the app', async () => (await sendRequest(traefik.port, { host })).status === 200)

      const before = echo.count()
      const { report } = await run(traefik, '--canary', `http://127.0.0.1:${traefik.port}`)
      expect(report.canary.map((canary) => canary.host)).toContain(host)
      expect(report.findings).toContainEqual(
        expect.objectContaining({ code: 'CANARY_FORGED', subject: host }),
      )
      expect(echo.count()).toBe(before)
    } finally {
      await traefik.close()
      await rm(join(regate.policies, 'open'), { recursive: true })
    }
  })

  it('says that Regate is not there', async () => {
    const traefik = await startTraefik({}, { http: { aliasHeadersStrategy: 'delete' } })
    try {
      const address = `http://127.0.0.1:${await freePort()}/auth`
      await traefik.write(toDynamic({ middlewares: change({ address }) }))
      const { report } = await run(traefik, '--canary', `http://127.0.0.1:${traefik.port}`)
      expect(report.findings).toContainEqual(
        expect.objectContaining({
          code: 'CANARY_UNANSWERED',
          subject: 'grafana.example.com',
          severity: 'error',
        }),
      )
    } finally {
      await traefik.close()
    }
  })
})

describe('each fault of an entry point', () => {
  const everything = { aliasHeadersStrategy: 'delete' }
  it.each<readonly [string, object, string, string]>([
    ['look-alikes kept', {}, 'ALIAS_HEADERS_KEPT', 'warning'],
    [
      'insecure forwarded headers',
      { http: everything, forwardedHeaders: { insecure: true } },
      'FORWARDED_HEADERS_INSECURE',
      'error',
    ],
    [
      'everybody trusted by address',
      { http: everything, forwardedHeaders: { trustedIPs: ['0.0.0.0/0'] } },
      'FORWARDED_HEADERS_INSECURE',
      'error',
    ],
    [
      'everybody trusted with the PROXY protocol',
      { http: everything, proxyProtocol: { insecure: true } },
      'FORWARDED_HEADERS_INSECURE',
      'error',
    ],
    [
      'a balancer whose word on clients gets lost',
      { http: everything, forwardedHeaders: { trustedIPs: ['10.0.0.0/8'] } },
      'CLIENT_ADDRESS_HIDDEN',
      'warning',
    ],
    [
      'an identity header that Connection may remove',
      { http: everything, forwardedHeaders: { connection: ['x-user-roles'] } },
      'IDENTITY_REMOVED',
      'error',
    ],
  ])('is found: %s', async (name, web, code, severity) => {
    const traefik = await startTraefik({}, web)
    try {
      await traefik.write(toDynamic())
      const { findings } = await examine(traefik)
      expect(findings).toEqual([expect.objectContaining({ code, subject: 'web', severity })])
      const [found] = findings
      console.log(
        `${name}: ${found?.severity} ${found?.code} ${found?.subject} ${found?.message} | ${found?.mend}`,
      )
    } finally {
      await traefik.close()
    }
  })

  it('is found by the canary: a client that chooses what is decided', async () => {
    const traefik = await startTraefik({}, { forwardedHeaders: { insecure: true } })
    try {
      await traefik.write(toDynamic({ middlewares: change({ trustForwardHeader: true }) }))
      const { report } = await run(traefik, '--canary', `http://127.0.0.1:${traefik.port}`)
      const codes = report.findings.map(({ code, subject, severity }) => `${severity} ${code} ${subject}`)
      expect(codes).toContain('error CANARY_FORGED grafana.example.com')
      expect(codes).toContain('error FORWARD_HEADER_TRUSTED regate-grafana@file')
      expect(codes).not.toContain('error CANARY_FORGED site.example.com')
      console.log(JSON.stringify(report.canary))
    } finally {
      await traefik.close()
    }
  })
})
