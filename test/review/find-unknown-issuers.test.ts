import { expect, it } from 'vitest'
import { readAnnotation } from '../../src/catalog/read-annotation.ts'
import { findUnknownIssuers } from '../../src/review/find-unknown-issuers.ts'

const TEXT = `# METADATA
# custom:
#   hosts: [wiki.example.com]
#   authentication:
#     issuers: [https://id.example.com, "https://id.example.com/"]
package wiki
`
const files = [{ path: 'wiki/policy.rego', text: TEXT }]
const app = { name: 'wiki', files, annotation: readAnnotation('wiki', files).annotation }

it('finds an issuer that the configuration does not know, at its place, and a slash makes another one', () => {
  expect(findUnknownIssuers(app, ['https://id.example.com'])).toEqual([
    {
      severity: 'warning',
      rule: 'issuer-unknown',
      location: { file: 'wiki/policy.rego', row: 5, column: 42 },
      message: expect.stringContaining('it knows https://id.example.com'),
    },
  ])
  expect(findUnknownIssuers(app, [])).toHaveLength(2)
})

it('finds nothing in an app that restricts none', () => {
  const { authentication: _, ...annotation } = app.annotation
  expect(findUnknownIssuers({ ...app, annotation }, [])).toEqual([])
})
