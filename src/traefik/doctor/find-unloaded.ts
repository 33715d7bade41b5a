import type { Examination } from './examination.ts'
import type { Finding } from './finding.ts'

/** What Traefik read and does not serve: requests get 404, or go to a less specific router. */
export function findUnloaded({ state }: Examination): readonly Finding[] {
  const routers = state.routers
    .filter(({ isEnabled, errors }) => !isEnabled || errors.length > 0)
    .map(
      ({ name, errors, isEnabled }): Finding => ({
        code: 'ROUTER_NOT_LOADED',
        severity: 'error',
        subject: name,
        message: `is ${isEnabled ? 'served only in part' : 'not served'}: ${errors.join('; ') || 'Traefik gives no reason'}; its requests go to whatever other router takes them`,
        mend: 'mend what Traefik complains of',
      }),
    )
  const middlewares = [...state.middlewares.values()]
    .filter(({ isEnabled, errors }) => !isEnabled || errors.length > 0)
    .map(
      ({ name, errors }): Finding => ({
        code: 'MIDDLEWARE_NOT_LOADED',
        severity: 'error',
        subject: name,
        message: `cannot be used: ${errors.join('; ') || 'Traefik gives no reason'}; routers that name it answer 404`,
        mend: 'mend what Traefik complains of',
      }),
    )
  return [...routers, ...middlewares]
}
