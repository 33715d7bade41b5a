import { expect, it } from 'vitest'
import { readAnnotation } from '../../src/catalog/read-annotation.ts'
import { AUTHENTICATION_METHODS } from '../../src/decision/identity.ts'
import { findUnconfiguredMethods } from '../../src/review/find-unconfigured-methods.ts'

const TEXT = `# METADATA
# custom:
#   hosts: [wiki.example.com]
#   authentication:
#     methods: [${AUTHENTICATION_METHODS.join(', ')}]
package wiki
`
const files = [{ path: 'wiki/policy.rego', text: TEXT }]
const app = { name: 'wiki', files, annotation: readAnnotation('wiki', files).annotation }

it('finds a method that the configuration does not have, at its place, and says which key is missing', () => {
  const configured = AUTHENTICATION_METHODS.filter((method) => method !== 'basic')
  expect(findUnconfiguredMethods(app, configured)).toEqual([
    {
      severity: 'warning',
      rule: 'method-unconfigured',
      location: { file: 'wiki/policy.rego', row: 5, column: 53 },
      message: 'the configuration has no authentication.basic, so nobody is known here by basic',
    },
  ])
  expect(findUnconfiguredMethods(app, [])).toHaveLength(AUTHENTICATION_METHODS.length)
})

it('finds nothing where all are configured, and in an app that names none', () => {
  expect(findUnconfiguredMethods(app, AUTHENTICATION_METHODS)).toEqual([])
  const { authentication: _, ...annotation } = app.annotation
  expect(findUnconfiguredMethods({ ...app, annotation }, [])).toEqual([])
})
