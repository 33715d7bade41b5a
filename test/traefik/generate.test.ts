import { describe, expect, it } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { toProviderDocument } from '../../src/traefik/to-provider-document.ts'
import { toRule } from '../../src/traefik/to-rule.ts'
import { writeDockerLabels } from '../../src/traefik/write-docker-labels.ts'
import { writeFileProvider } from '../../src/traefik/write-file-provider.ts'
import { writeKubernetes } from '../../src/traefik/write-kubernetes.ts'
import { makeApp, makeCertificateMiddlewares, makeMiddlewares } from './guarded-apps.ts'

const wiki = makeApp('wiki', { emittableNames: new Set(['x-wiki-user', 'x-user-id', 'x!$_role']) })
const jobs = makeApp('batch_jobs', { hosts: [] })
const middlewares = makeMiddlewares(wiki, jobs)

describe('the middleware of an app', () => {
  it('lists the identity headers and exactly what the app can emit, each once, as Traefik writes them', () => {
    expect(middlewares[0]).toEqual({
      app: wiki,
      name: 'regate-wiki',
      forwardAuth: {
        address: 'http://regate:4182/auth',
        trustForwardHeader: false,
        maxResponseBodySize: 65_536,
        headerField: 'X-User-Id',
        authResponseHeaders: ['X-User-Id', 'X-User-Roles', 'X!$_role', 'X-Wiki-User'],
      },
    })
  })

  it('names the app only where it lists no hosts', () => {
    expect(middlewares[1]?.forwardAuth.address).toBe('http://regate:4182/auth/batch_jobs')
  })
})

it('is not there for an app that has no version in service: nobody knows what it emits', () => {
  const { emittableNames: _, ...unknown } = wiki
  expect(makeMiddlewares(unknown)).toEqual([])
})

describe('every way of writing', () => {
  const expected = {
    'regate-wiki': { forwardAuth: middlewares[0]?.forwardAuth },
    'regate-batch_jobs': { forwardAuth: middlewares[1]?.forwardAuth },
  }

  it('as a file holds the middlewares, and routers as comments', () => {
    const text = writeFileProvider(middlewares)
    expect(parse(text)).toEqual({ http: { middlewares: expected } })
    expect(text).toContain('#         rule: Host(`wiki.example.com`)\n')
    expect(text).toContain('aliasHeadersStrategy: delete')
  })

  it('as JSON holds the same, and without apps no table, which Traefik would refuse', () => {
    expect(toProviderDocument(middlewares)).toEqual({ http: { middlewares: expected } })
    expect(toProviderDocument([])).toEqual({})
  })

  it('as labels stands on the container of each app, safe from the variables of Compose', () => {
    const { services } = parse(writeDockerLabels(middlewares))
    expect(services.wiki.labels).toEqual([
      'traefik.enable=true',
      'traefik.http.middlewares.regate-wiki.forwardauth.address=http://regate:4182/auth',
      'traefik.http.middlewares.regate-wiki.forwardauth.trustForwardHeader=false',
      'traefik.http.middlewares.regate-wiki.forwardauth.maxResponseBodySize=65536',
      'traefik.http.middlewares.regate-wiki.forwardauth.headerField=X-User-Id',
      'traefik.http.middlewares.regate-wiki.forwardauth.authResponseHeaders=X-User-Id,X-User-Roles,X!$$_role,X-Wiki-User',
      'traefik.http.routers.wiki.rule=Host(`wiki.example.com`)',
      'traefik.http.routers.wiki.middlewares=regate-wiki',
    ])
    expect(services.batch_jobs.labels.join()).not.toContain('rule=')
  })

  it('for Kubernetes has names that it takes, and a route for each app with hosts', () => {
    const names = ['a_b', 'a__b', 'a_', 'a_0'].map((name) => makeApp(name, { hosts: [] }))
    const written = parseAllDocuments(writeKubernetes(makeMiddlewares(wiki, ...names))).map((each) =>
      each.toJS(),
    )
    expect(written.map(({ kind, metadata }) => [kind, metadata.name])).toEqual([
      ['Middleware', 'regate-wiki'],
      ['IngressRoute', 'regate-wiki'],
      ['Middleware', 'regate-a-b'],
      ['Middleware', 'regate-a--b'],
      ['Middleware', 'regate.a-0'],
      ['Middleware', 'regate-a-0'],
    ])
    expect(written[0].spec).toEqual({ forwardAuth: middlewares[0]?.forwardAuth })
  })
})

describe('where certificates are taken', () => {
  const taking = makeCertificateMiddlewares('x-forwarded-tls-client-cert', wiki, jobs)
  const steps = ['clear-certificate-for-regate', 'pass-certificate-to-regate']
  const { trustForwardHeader: _, ...forwardAuth } = middlewares[0]?.forwardAuth ?? {}
  const clear = { headers: { customRequestHeaders: { 'X-Forwarded-Tls-Client-Cert': '' } } }
  const pass = { passTLSClientCert: { pem: true } }

  it('the name of an app is a chain that empties the header, fills it from the handshake, and asks Regate', () => {
    const { http } = toProviderDocument(taking)
    expect(http?.middlewares).toMatchObject({
      'clear-certificate-for-regate': clear,
      'pass-certificate-to-regate': pass,
      'regate-wiki': { chain: { middlewares: [...steps, 'ask-regate-wiki'] } },
      'regate-batch_jobs': { chain: { middlewares: [...steps, 'ask-regate-batch_jobs'] } },
    })
    expect(http?.middlewares['ask-regate-wiki']).toEqual({ forwardAuth })
    expect(Object.keys(http?.middlewares ?? {})).toHaveLength(6)
  })

  it('a file holds them too, and proposes the same routers', () => {
    const text = writeFileProvider(taking)
    expect(parse(text)).toEqual(toProviderDocument(taking))
    const toComments = (file: string) => file.match(/# Routers[^]*?\n(?=http:)/)?.[0]
    expect(toComments(text)).toBe(toComments(writeFileProvider(middlewares)))
    expect(text).toContain('\n# Client certificates: ')
  })

  it('labels hold them on each container alike, where Traefik takes equal ones as one', () => {
    const { services } = parse(writeDockerLabels(taking))
    const path = 'traefik.http.middlewares'
    const shared = [
      `${path}.clear-certificate-for-regate.headers.customRequestHeaders.X-Forwarded-Tls-Client-Cert=`,
      `${path}.pass-certificate-to-regate.passtlsclientcert.pem=true`,
    ]
    expect(services.wiki.labels).toEqual([
      'traefik.enable=true',
      ...shared,
      `${path}.ask-regate-wiki.forwardauth.address=http://regate:4182/auth`,
      `${path}.ask-regate-wiki.forwardauth.maxResponseBodySize=65536`,
      `${path}.ask-regate-wiki.forwardauth.headerField=X-User-Id`,
      `${path}.ask-regate-wiki.forwardauth.authResponseHeaders=X-User-Id,X-User-Roles,X!$$_role,X-Wiki-User`,
      `${path}.regate-wiki.chain.middlewares=${[...steps, 'ask-regate-wiki'].join()}`,
      'traefik.http.routers.wiki.rule=Host(`wiki.example.com`)',
      'traefik.http.routers.wiki.middlewares=regate-wiki',
    ])
    expect(services.batch_jobs.labels).toEqual(expect.arrayContaining(shared))
  })

  it('Kubernetes has each resource once, and the same route', () => {
    const read = (text: string) => parseAllDocuments(text).map((each) => each.toJS())
    const written = read(writeKubernetes(taking))
    expect(written.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
      'Middleware clear-certificate-for-regate',
      'Middleware pass-certificate-to-regate',
      'Middleware ask-regate-wiki',
      'Middleware regate-wiki',
      'IngressRoute regate-wiki',
      'Middleware ask-regate-batch-jobs',
      'Middleware regate-batch-jobs',
    ])
    expect(written[0].spec).toEqual(clear)
    expect(written[3].spec.chain.middlewares).toEqual([...steps, 'ask-regate-wiki'].map((name) => ({ name })))
    expect(written[4]).toEqual(read(writeKubernetes(middlewares))[1])
  })

  it('no app can be named like what they share', () => {
    const names = ['certificate', 'no_certificate', 'wiki'].map((name) => makeApp(name))
    const { http } = toProviderDocument(makeCertificateMiddlewares('X-Forwarded-Tls-Client-Cert', ...names))
    expect(Object.keys(http?.middlewares ?? {})).toHaveLength(2 + 2 * names.length)
  })

  it('from a header that Traefik does not fill, nothing changes', () => {
    expect(makeCertificateMiddlewares('client-cert', wiki, jobs)).toEqual(middlewares)
  })
})

it.each([
  [['a.example.com'], ['/'], 'Host(`a.example.com`)'],
  [['a.example.com', 'b.example.com'], ['/'], '(Host(`a.example.com`) || Host(`b.example.com`))'],
  [['*.example.com'], ['/'], String.raw`HostRegexp(${'`'}^.+\.example\.com$${'`'})`],
  [['a.example.com', '*'], ['/'], 'PathPrefix(`/`)'],
  [['*'], ['/api'], '(Path(`/api`) || PathPrefix(`/api/`))'],
  [['a.example.com'], ['/x'], 'Host(`a.example.com`) && (Path(`/x`) || PathPrefix(`/x/`))'],
  // A path is no part of the rule, whatever it holds.
  [['*'], ['/x`)"'], String.raw`(Path("/x${'`'})\"") || PathPrefix("/x${'`'})\"/"))`],
])('the router of %s and %s has the rule %s', (hosts, paths, rule) => {
  expect(toRule({ hosts, paths })).toBe(rule)
})
