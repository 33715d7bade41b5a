import type { TestResult } from '../../catalog/test-result.ts'

/** What a test is called within its app: `test_viewers` for `data.grafana_test.test_viewers`; a case as its table calls it. */
export function toTestName(app: string, { kind, name }: Pick<TestResult, 'kind' | 'name'>): string {
  if (kind === 'request') return name
  const path = name.replace(/^data\./u, '')
  const owner = [`${app}_test.`, `${app}.`].find((start) => path.startsWith(start)) ?? ''
  return path.slice(owner.length)
}
