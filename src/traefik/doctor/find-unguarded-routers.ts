import { classifyForwardAuth } from './classify-forward-auth.ts'
import type { Examination } from './examination.ts'
import type { Finding } from './finding.ts'
import type { Route } from './to-routes.ts'

/** Routers whose requests reach a service without a question to Regate. */
export function findUnguardedRouters(examination: Examination): readonly Finding[] {
  return examination.routes
    .filter(({ regateAt }) => regateAt === -1)
    .map((route) => toFinding(route, examination))
}

function toFinding(route: Route, examination: Examination): Finding {
  const { router, apps, isOpenRule, steps } = route
  const subject = router.name
  const code = 'ROUTER_UNGUARDED'
  const others = steps.filter((step) => classifyForwardAuth(step, examination) === 'other')
  const rule = `its rule is ${router.rule}`
  const mend = 'put a middleware of `regate traefik generate` on this router, or remove the router'
  if (isRedirect(route)) {
    const message = `redirects to https and asks nobody; ${rule}`
    return { code, severity: 'note', subject, message, mend: 'nothing, as long as it only redirects' }
  }
  if (apps.length > 0) {
    const names = apps.map(({ name }) => name).join(', ')
    const asked =
      others.length === 0 ? 'nobody' : `${others.map(({ name }) => name).join(', ')} in place of Regate`
    return {
      code,
      severity: 'error',
      subject,
      message: `takes requests of ${names} and asks ${asked}; ${rule}`,
      mend,
    }
  }
  if (isOpenRule) {
    const message = `may take requests of any app and does not ask Regate; ${rule}`
    return { code, severity: 'warning', subject, message, mend }
  }
  const message = `does not ask Regate; no app lists what it takes; ${rule}`
  return {
    code,
    severity: 'note',
    subject,
    message,
    mend: 'nothing, if it is meant to be public; else write an app for it',
  }
}

/** A client that reaches this router without TLS never gets past its redirection. */
function isRedirect({ router, steps }: Route): boolean {
  const redirect = steps.find(({ type }) => type === 'redirectscheme')
  return redirect?.options['scheme'] === 'https' && !router.hasTls
}
