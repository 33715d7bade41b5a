import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { certificatesSchema } from '../../src/config/certificates-schema.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'regate-certificates-'))
  await Promise.all(['ca.pem', 'crl.pem', 'users.yaml'].map((name) => writeFile(join(folder, name), '')))
})
afterAll(() => rm(folder, { recursive: true }))

const parse = (section: unknown) => certificatesSchema(folder).safeParse(section)
const problems = (section: unknown) =>
  parse(section).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)

describe('authentication.certificates', () => {
  it('is by default the header of Traefik and the common name', () => {
    expect(parse({ proxyOverwrites: true }).data).toEqual({
      header: 'x-forwarded-tls-client-cert',
      subject: 'cn',
    })
  })

  it('takes files from the folder, and the header in any case', () => {
    const section = {
      header: 'CLIENT-cert',
      proxyOverwrites: true,
      ca: 'ca.pem',
      crl: 'crl.pem',
      users: 'users.yaml',
      subject: 'dn',
    }
    expect(parse(section).data).toEqual({
      header: 'client-cert',
      ca: join(folder, 'ca.pem'),
      crl: join(folder, 'crl.pem'),
      users: join(folder, 'users.yaml'),
      subject: 'dn',
    })
  })

  it.each([{}, { proxyOverwrites: false }, { proxyOverwrites: 'true' }])(
    'wants proxyOverwrites: true and says why: %j',
    (section) => {
      expect(problems(section)).toEqual([expect.stringMatching(/^proxyOverwrites: .*anybody who sends it/)])
    },
  )

  it.each([
    [{ crl: 'crl.pem' }, 'crl: needs ca'],
    [{ users: 'users.yaml' }, 'users: needs ca'],
    [{ header: 'X-Forwarded-Tls-Client-Cert-Info' }, 'header: '],
    [{ header: 'X-Ssl-Cert' }, 'header: '],
    [{ subject: 'CN' }, 'subject: '],
    [{ ca: 'absent.pem' }, 'ca: '],
    [{ chain: 1 }, ': '],
  ])('refuses %j', (section, problem) => {
    const found = problems({ proxyOverwrites: true, ...section })
    expect(found).toEqual([expect.stringContaining(problem)])
  })

  it.each([null, [], 'yes'])('is a mapping, not %j', (section) => {
    expect(parse(section).success).toBe(false)
  })
})
