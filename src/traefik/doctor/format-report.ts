import type { DoctorReport } from './diagnose.ts'

/** For people. */
export function formatReport({
  version,
  routers,
  guarded,
  findings,
  notVisible,
  canary,
}: DoctorReport): string {
  const lines = [
    `Traefik ${version}: ${guarded} of ${routers} routers ask Regate`,
    ...findings.flatMap(({ severity, code, subject, message, mend }) => [
      '',
      `${severity} ${code} ${subject}`,
      `  ${message}`,
      `  mend: ${mend}`,
    ]),
    ...(findings.length === 0 ? ['', 'Nothing found.'] : []),
    ...canary.flatMap(({ host, observations }) =>
      observations.length === 0 ? [] : ['', `canary ${host}`, ...observations.map((line) => `  ${line}`)],
    ),
    '',
    ...notVisible.map((line) => `not visible: ${line}`),
  ]
  return `${lines.map(withoutControls).join('\n')}\n`
}

/** Names and rules come from whoever may configure Traefik. */
function withoutControls(line: string): string {
  return line.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, '\u{fffd}')
}
