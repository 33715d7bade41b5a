import { PROFILE_FIELDS, type Profile, readProfile, refuseUnknownFields } from './read-profile.ts'
import { readYamlTable } from './yaml/read-yaml-table.ts'
import { type FileProblem, refuseProblems } from './refuse-problems.ts'

/**
 * Reads `users.yaml`: a user id → what the user is besides the password.
 * Throws `CONFIG_INVALID` with every problem, each at `file:line:column`.
 */
export function parseUserTable(file: string, text: string): ReadonlyMap<string, Profile> {
  const problems: FileProblem[] = []
  const users = new Map<string, Profile>()
  for (const row of readYamlTable(file, text)) {
    refuseUnknownFields(row, PROFILE_FIELDS, problems)
    users.set(row.name, readProfile(row, problems))
  }
  refuseProblems(problems)
  return users
}
