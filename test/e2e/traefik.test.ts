import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect } from 'node:net'
import { once } from 'node:events'
import { sendRequest, toReceived } from './send-request.ts'
import { startBed } from './start-bed.ts'
import type { Bed } from './start-bed.ts'

const demo = { authorization: 'Bearer valid-token-123' }
let bed: Bed

beforeAll(async () => {
  bed = await startBed()
})
afterAll(() => bed.close())

const bearer = async (claims: Record<string, unknown>): Promise<{ authorization: string }> => ({
  authorization: `Bearer ${await bed.mintToken(claims)}`,
})

describe('the demo token', () => {
  it('reaches the demo app as user-abc with its roles', async () => {
    const received = toReceived(
      await sendRequest(bed.ports.recommended, { host: 'myapp.example.com', path: '/a?b=1', headers: demo }),
    )
    expect(received).toMatchObject({ app: 'myapp', url: '/a?b=1' })
    expect(received.headers).toMatchObject({ 'x-user-id': 'user-abc', 'x-user-roles': 'admin,user' })
  })

  it('mistyped is 401 and never reaches the app', async () => {
    const reply = await sendRequest(bed.ports.recommended, {
      host: 'myapp.example.com',
      headers: { authorization: 'Bearer valid-token-124' },
    })
    expect(reply.status).toBe(401)
    expect(reply.headers['www-authenticate']).toContain('error="invalid_token"')
    expect(reply.body).not.toContain('"app"')
  })
})

describe('a JWT of an identity provider', () => {
  it('is verified by the keys of its discovered key server', async () => {
    const headers = await bearer({ sub: 'carol', realm_access: { roles: ['admin'] } })
    const received = toReceived(
      await sendRequest(bed.ports.recommended, { host: 'grafana.example.com', path: '/d/1', headers }),
    )
    expect(received.headers).toMatchObject({
      'x-user-id': 'carol',
      'x-user-roles': 'admin',
      'x-webauth-user': 'carol',
      'x-webauth-role': 'Admin',
    })
    expect(bed.jwksFetches()).toBeLessThanOrEqual(2)
  })

  it('without the role that the app wants is 403', async () => {
    const headers = await bearer({ sub: 'dave', realm_access: { roles: ['nobody'] } })
    const reply = await sendRequest(bed.ports.recommended, { host: 'grafana.example.com', headers })
    expect(reply.status).toBe(403)
    expect(reply.headers['cache-control']).toBe('no-store')
    expect(reply.headers).not.toHaveProperty('x-user-id')
  })

  it('signed by another key, expired, or for another audience is 401', async () => {
    const claims = { sub: 'eve', realm_access: { roles: ['admin'] } }
    const tokens = [
      await bed.mintToken(claims, { foreignKey: true }),
      await bed.mintToken(claims, { expiresIn: '-5m' }),
      (await bed.mintToken(claims)).slice(0, -8),
    ]
    for (const token of tokens) {
      const reply = await sendRequest(bed.ports.recommended, {
        host: 'grafana.example.com',
        headers: { authorization: `Bearer ${token}` },
      })
      expect(reply.status).toBe(401)
    }
  })
})

describe('an anonymous caller', () => {
  it('is 401 with a challenge, and a page for a browser', async () => {
    const program = await sendRequest(bed.ports.recommended, { host: 'myapp.example.com' })
    expect(program).toMatchObject({
      status: 401,
      headers: { 'content-type': expect.stringContaining('application/problem+json') },
    })
    expect(program.headers['www-authenticate']).toContain('Bearer realm="regate"')
    const browser = await sendRequest(bed.ports.recommended, {
      host: 'myapp.example.com',
      headers: { accept: 'text/html,*/*;q=0.8' },
    })
    expect(browser).toMatchObject({
      status: 401,
      headers: { 'content-type': expect.stringContaining('text/html') },
    })
  })

  it('reads the public pages, not the admin area, and is sent to the sign-in page there', async () => {
    const received = toReceived(
      await sendRequest(bed.ports.recommended, { host: 'site.example.com', path: '/news' }),
    )
    expect(received.headers).not.toHaveProperty('x-user-id')
    for (const path of ['/admin', '/admin/', '/x/../admin', '/%61dmin', '/admin;x=1', '/./admin/users']) {
      expect(
        (await sendRequest(bed.ports.recommended, { host: 'site.example.com', path })).status,
        path,
      ).toBe(401)
    }
    const browser = await sendRequest(bed.ports.recommended, {
      host: 'site.example.com',
      path: '/admin',
      headers: { accept: 'text/html' },
    })
    expect(browser).toMatchObject({
      status: 302,
      headers: { location: 'http://site.example.com/login' },
    })
  })

  it('gains nothing by a path that the app may read otherwise', async () => {
    for (const path of [
      '/public%2f..%2fadmin',
      '/..%2fadmin',
      '/a%5c..%5cadmin',
      '/a/..;/admin',
      '/%2561dmin',
      '/admin%00',
      '/%ff',
    ]) {
      expect(
        (await sendRequest(bed.ports.recommended, { host: 'site.example.com', path })).status,
        path,
      ).toBe(400)
    }
  })
})

describe('forged identity headers', () => {
  const forged = { 'X-User-Roles': 'owner', 'X-User-ID': 'root', 'X-WEBAUTH-USER': 'root' }

  it('never reach an app, whether the caller is known or anonymous', async () => {
    const known = toReceived(
      await sendRequest(bed.ports.plain, { host: 'myapp.example.com', headers: { ...demo, ...forged } }),
    )
    expect(known.headers).toMatchObject({ 'x-user-id': 'user-abc', 'x-user-roles': 'admin,user' })
    expect(JSON.stringify(known.rawHeaders)).not.toMatch(/root|owner/)
    const anonymous = toReceived(
      await sendRequest(bed.ports.plain, { host: 'site.example.com', headers: forged }),
    )
    expect(JSON.stringify(anonymous.rawHeaders)).not.toMatch(/root|owner/)
  })

  it.each(['X_User_Roles', 'X.User.Roles', 'X~User!Roles', 'X-User_ID', 'x_webauth_user'])(
    'spelt %s are refused, or removed by the recommended entry point',
    async (name) => {
      const request = { host: 'site.example.com', headers: { [name]: 'owner' } }
      expect((await sendRequest(bed.ports.plain, request)).status).toBe(400)
      const received = toReceived(await sendRequest(bed.ports.recommended, request))
      expect(JSON.stringify(received.rawHeaders)).not.toContain('owner')
    },
  )

  it('leave an unrelated name with an underscore alone', async () => {
    const received = toReceived(
      await sendRequest(bed.ports.plain, { host: 'site.example.com', headers: { My_App: 'x' } }),
    )
    expect(received.headers).toMatchObject({ my_app: 'x' })
  })

  it('cannot be had by naming them in Connection, or by forged forwarded headers', async () => {
    const hop = await sendRequest(bed.ports.plain, {
      host: 'myapp.example.com',
      headers: { ...demo, connection: 'X-User-Roles, X-Forwarded-Uri' },
    })
    expect(toReceived(hop).headers).toMatchObject({ 'x-user-roles': 'admin,user' })
    const forwarded = {
      'X-Forwarded-Uri': '/',
      'X-Forwarded-Host': 'site.example.com',
      'X-Forwarded-Method': 'GET',
      'X-Original-Uri': '/',
      X_Forwarded_Uri: '/',
    }
    const reply = await sendRequest(bed.ports.plain, {
      host: 'site.example.com',
      path: '/admin',
      headers: forwarded,
    })
    expect(reply.status).toBe(401)
  })
})

describe('requests as real clients send them', () => {
  it.each([
    'GET',
    'HEAD',
    'POST',
    'PUT',
    'PATCH',
    'DELETE',
    'OPTIONS',
    'PROPFIND',
    'MKCOL',
    'REPORT',
    'QUERY',
  ])('%s is decided', async (method) => {
    const headers = { ...demo, 'content-type': 'application/json', 'content-length': '0' }
    expect(
      (await sendRequest(bed.ports.recommended, { host: 'myapp.example.com', method, headers })).status,
    ).toBe(200)
  })

  it.each([
    '/a,b?ids=1,2',
    '/!$&()*+=:@[]',
    '/caf%C3%A9',
    '/a%20b',
    '/100%25.txt',
    '/a;v=1/b',
    `/${'x'.repeat(8000)}`,
  ])('%s is decided', async (path) => {
    const reply = await sendRequest(bed.ports.recommended, { host: 'myapp.example.com', path, headers: demo })
    expect(toReceived(reply).url.length).toBeGreaterThanOrEqual(path.length)
  })

  it('with two Authorization lines are refused: Traefik would send both to the app', async () => {
    const socket = connect(bed.ports.recommended, '127.0.0.1')
    socket.write(
      'GET / HTTP/1.1\r\nHost: myapp.example.com\r\nAuthorization: Bearer valid-token-123\r\nAuthorization: Basic eDp5\r\nConnection: close\r\n\r\n',
    )
    let text = ''
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
    })
    await once(socket, 'close')
    expect(text).toMatch(/^HTTP\/1\.1 400 /)
  })

  it('to a host that no app guards are 403', async () => {
    expect(
      (await sendRequest(bed.ports.recommended, { host: 'unknown.example.com', headers: demo })).status,
    ).toBe(403)
  })

  it('that upgrade to a WebSocket are decided like any other', async () => {
    const headers = {
      ...demo,
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      'sec-websocket-version': '13',
    }
    expect((await sendRequest(bed.ports.recommended, { host: 'myapp.example.com', headers })).status).toBe(
      200,
    )
    const { authorization: _, ...anonymous } = headers
    expect(
      (await sendRequest(bed.ports.recommended, { host: 'myapp.example.com', headers: anonymous })).status,
    ).toBe(401)
  })
})
