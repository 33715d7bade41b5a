import { AUTH_PATH, readAddress } from './classify-forward-auth.ts'
import type { Examination, Guard } from './examination.ts'
import type { Finding } from './finding.ts'

/** Addresses at which Regate does not answer the question that Traefik asks. */
export function findAddressFaults(examination: Examination): readonly Finding[] {
  return examination.guards.flatMap((guard) => findAddressFault(guard, examination))
}

function findAddressFault({ middleware }: Guard, { address, apps, probes }: Examination): readonly Finding[] {
  const asked = readAddress(middleware)
  const subject = middleware.name
  const url = URL.parse(asked)
  const path = AUTH_PATH.exec(url?.pathname ?? '')
  const mend = `write ${address}/auth`
  const wrong = (message: string): readonly Finding[] => [
    { code: 'ADDRESS_WRONG', severity: 'error', subject, message, mend },
  ]
  if (path === null || url?.search !== '') return wrong(`asks ${asked}: Regate answers /auth and /auth/<app>`)
  const app = path.groups?.['app']
  if (app !== undefined && !apps.some(({ name }) => name === app))
    return wrong(`asks ${asked}, and there is no app named ${app}: every request is denied`)
  const probe = probes.get(asked)
  if (probe?.kind === 'other') return wrong(`asks ${asked}, where something other than Regate answers`)
  if (probe?.kind !== 'unreachable' && probe?.kind !== 'unresolved') return []
  return [
    {
      code: 'ADDRESS_UNREACHABLE',
      severity: probe.kind === 'unreachable' ? 'error' : 'warning',
      subject,
      message: `asks ${asked}, which cannot be reached from here (${probe.reason}); where Traefik cannot reach it either, every request is a 500`,
      mend: `start Regate there, or ${mend}; in another network, let the doctor run beside Traefik`,
    },
  ]
}
