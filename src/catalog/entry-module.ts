/**
 * The generated module that collects an app's verdict, so that one evaluation returns one object. A rule that the app does
 * not define is simply absent from it. One line for each row of the verdict table.
 */
export function entryModule(app: string): string {
  const lines = VERDICT_RULES.map((rule) => `verdict["${rule}"] := data.${app}.${rule}`)
  return ['package regate', ...lines, ''].join('\n')
}

const VERDICT_RULES = ['allow', 'deny', 'headers', 'roles', 'status', 'message', 'redirect', 'challenge']
