import type { Examination } from './examination.ts'
import type { Finding } from './finding.ts'

/** Connections that TCP routers pass on never meet a ForwardAuth. */
export function findTcpRouters({ state }: Examination): readonly Finding[] {
  if (state.tcpRouters === 0) return []
  return [
    {
      code: 'TCP_ROUTERS',
      severity: 'note',
      subject: `${state.tcpRouters} TCP routers`,
      message: 'pass connections on without any middleware for HTTP; the doctor does not look at them',
      mend: 'see that none leads to an app that Regate guards',
    },
  ]
}
