import { expect, it } from 'vitest'
import { formatReport } from '../../../src/traefik/doctor/format-report.ts'

const report = { version: '3.7.15', routers: 1, guarded: 1, findings: [], notVisible: ['this'], canary: [] }

it('says what was found, and what was not visible', () => {
  expect(formatReport(report)).toBe(
    'Traefik 3.7.15: 1 of 1 routers ask Regate\n\nNothing found.\n\nnot visible: this\n',
  )
})

it('lets nobody who names a router write to the terminal', () => {
  const finding = { code: 'ROUTER_UNGUARDED', severity: 'error', message: 'm', mend: 'm' } as const
  const text = formatReport({ ...report, findings: [{ ...finding, subject: 'a\u001b[2J\nb\u009b' }] })
  expect(text).toContain('error ROUTER_UNGUARDED a\u{fffd}[2J\u{fffd}b\u{fffd}\n')
})
