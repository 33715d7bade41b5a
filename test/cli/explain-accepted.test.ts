import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openExplainer, type OpenExplainer } from '../../src/cli/explain-open.ts'
import { toExplainPage } from '../../src/cli/explain-page.ts'
import { openExplainBed } from './explain-bed.ts'

const NOW_MS = Date.UTC(2026, 0, 1)
const POLICY = `# METADATA
# custom:
#   hosts: [wiki.example.com]
#   authentication: { methods: [token], realm: wiki, scopes: [read] }
package wiki

allow if input.request.path == "/public"

allow if input.identity
`
const bed = await openExplainBed(NOW_MS)
let opened: OpenExplainer
beforeAll(async () => {
  const policies = join(bed.folder, 'policies')
  await mkdir(join(policies, 'wiki'), { recursive: true })
  await writeFile(join(policies, 'wiki/policy.rego'), POLICY)
  opened = await openExplainer({ ...bed.config, policies }, { environmentPath: '', now: () => NOW_MS })
}, 120_000)
afterAll(() => opened.close())

async function explain(path: string, token: string) {
  const explanation = await opened.explain({
    method: 'GET',
    url: `https://wiki.example.com${path}`,
    clientIp: '203.0.113.9',
    rawHeaders: [],
    headers: [['Authorization', `Bearer ${token}`]],
  })
  return { ...explanation, page: toExplainPage(explanation) }
}

describe('regate explain of an app that does not accept every credential', () => {
  it.each([
    ['/public', 'allowed', 200],
    ['/private', 'denied', 401],
  ])('shows the caller as the policy sees it, and why: %s', async (path, outcome, status) => {
    const { caller, policy, decision, reply, page } = await explain(path, await bed.mint())
    expect(caller).toMatchObject({ kind: 'anonymous', ignored: expect.stringContaining('method jwt') })
    expect(policy?.input).not.toHaveProperty('identity')
    expect(decision.outcome).toBe(outcome)
    expect(reply.status).toBe(status)
    expect(page).toContain('anonymous: this app accepts no credential of its method jwt')
  })

  it('shows who lacks a scope, and that no policy was asked', async () => {
    const { caller, policy, decision, reply } = await explain('/public', 'valid-token-123')
    expect(caller).toMatchObject({ kind: 'identified', identity: { authenticatedBy: 'token' } })
    expect(policy).toBeUndefined()
    expect(decision).toMatchObject({ outcome: 'denied', code: 'SCOPE_MISSING' })
    expect(reply.status).toBe(403)
  })
})
