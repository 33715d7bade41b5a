import type { AppAuthentication } from '../decision/ports.ts'

/** What an app's METADATA says about it. */
export interface Annotation {
  readonly title?: string
  /** Host patterns in lower case: `grafana.example.com`, `*.example.com`, `*`. Empty: reachable by name only. */
  readonly hosts: readonly string[]
  /** `hosts: []`: that there is none is meant so. */
  readonly isHostless?: true
  /** Path prefixes as segments; `[[]]` covers every path. */
  readonly paths: readonly (readonly string[])[]
  /** Lower-case header names that the app may emit besides those that its policy names. */
  readonly headers: readonly string[]
  /** Whether tests that fail keep a version out of service. Absent: as the configuration says. */
  readonly gate?: 'tests' | 'compile'
  /** Which credentials count. Absent: all that hold. */
  readonly authentication?: AppAuthentication
  readonly allowEmptySegments: boolean
  readonly allowEncodedSlashes: boolean
}

export const NO_ANNOTATION: Annotation = {
  hosts: [],
  paths: [[]],
  headers: [],
  allowEmptySegments: false,
  allowEncodedSlashes: false,
}
