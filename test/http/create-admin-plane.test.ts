import { describe, expect, it, onTestFinished } from 'vitest'
import { createAdminPlane } from '../../src/http/create-admin-plane.ts'
import type { AdminPlanePorts } from '../../src/http/create-admin-plane.ts'
import { call, toCall } from './plane-bed.ts'

function createAdmin(ports: Partial<AdminPlanePorts> = {}) {
  const plane = createAdminPlane({ isReady: () => true, status: () => ({ apps: [] }), ...ports })
  onTestFinished(() => plane.close())
  return plane
}

describe('the admin plane', () => {
  it.each([
    ['/livez', true, 200],
    ['/livez', false, 200],
    ['/readyz', true, 200],
    ['/readyz', false, 503],
    ['/readyz?x=1', true, 200],
  ])('%s with ready = %s is %d, never stored', async (url, ready, status) => {
    const reply = await createAdmin({ isReady: () => ready }).inject({ url })
    expect(reply.statusCode).toBe(status)
    expect(reply.headers['content-type']).toMatch(/^text\/plain/)
    expect(reply.headers['cache-control']).toBe('no-store')
  })

  it('shows the status as JSON, taken anew for each request', async () => {
    let looks = 0
    const admin = createAdmin({ status: () => ({ looks: (looks += 1) }) })
    expect((await admin.inject({ url: '/status' })).json()).toEqual({ looks: 1 })
    const reply = await admin.inject({ url: '/status' })
    expect(reply.json()).toEqual({ looks: 2 })
    expect(reply.headers['content-type']).toMatch(/^application\/json/)
    expect(reply.headers['cache-control']).toBe('no-store')
  })

  it('shows further documents with their own type, made anew for each request, never stored', async () => {
    let looks = 0
    const read = async () => ({ type: 'text/plain; version=0.0.4; charset=utf-8', body: `${(looks += 1)}\n` })
    const admin = createAdmin({ documents: new Map([['/metrics', read]]) })
    expect((await admin.inject({ url: '/metrics' })).body).toBe('1\n')
    const reply = await admin.inject({ url: '/metrics?x=1' })
    expect(reply).toMatchObject({ statusCode: 200, body: '2\n' })
    expect(reply.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(reply.headers['cache-control']).toBe('no-store')
    expect((await admin.inject({ url: '/metrics', method: 'POST' })).statusCode).toBe(405)
    expect((await admin.inject({ url: '/metrics/' })).statusCode).toBe(404)
    expect((await createAdmin().inject({ url: '/metrics' })).statusCode).toBe(404)
  })

  it('lets no document stand in for its own answers', async () => {
    const documents = new Map([['/readyz', () => ({ type: 'text/plain', body: 'ready' })]])
    const reply = await createAdmin({ isReady: () => false, documents }).inject({ url: '/readyz' })
    expect(reply.statusCode).toBe(503)
  })

  it('answers HEAD without a body', async () => {
    const { port } = await createAdmin()
      .listen('127.0.0.1', 0)
      .then((address) => address)
    const reply = await call(port, toCall('HEAD /livez HTTP/1.1', []))
    expect(reply).toMatchObject({ status: 200, body: '' })
  })

  it('knows nothing else: no decision is asked here', async () => {
    for (const url of ['/', '/auth', '/auth/demo', '/livez/', '/statusx', '/%zz']) {
      const { statusCode } = await createAdmin().inject({ url })
      expect([400, 404]).toContain(statusCode)
    }
  })

  it('only reads: any other method is 405, whatever its body', async () => {
    const { port } = await createAdmin().listen('127.0.0.1', 0)
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PROPFIND', 'TRACE']) {
      const lines = ['Content-Type: application/json', 'Content-Length: 3']
      const reply = await call(port, toCall(`${method} /status HTTP/1.1`, lines, '{a]'))
      expect([method, reply.status]).toEqual([method, 405])
      expect(reply.head).toMatch(/allow: GET, HEAD/i)
    }
    expect(await call(port, toCall('POST /nothing HTTP/1.1', []))).toMatchObject({ status: 404 })
  })

  it('says no more than 500 where the status or a document cannot be told', async () => {
    const status = () => {
      throw new Error('secret')
    }
    const documents = new Map([['/metrics', () => Promise.reject<never>(new Error('secret'))]])
    for (const url of ['/status', '/metrics']) {
      const reply = await createAdmin({ status, documents }).inject({ url })
      expect(reply.statusCode).toBe(500)
      expect(reply.body).not.toContain('secret')
    }
  })

  it('names its own setting when its port is in use', async () => {
    const { port } = await createAdmin().listen('127.0.0.1', 0)
    await expect(createAdmin().listen('127.0.0.1', port)).rejects.toMatchObject({
      code: 'LISTEN_FAILED',
      message: expect.stringContaining('"admin.listen"'),
    })
  })
})
