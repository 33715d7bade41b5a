import { editFile } from './edit-file.ts'
import { type Revocation, readRevocations } from './parse-revocations.ts'
import { addYamlItem } from './yaml/edit-yaml.ts'

const HEADING = '# The deny-list: `regate revoke` adds to it. An entry holds for as long as it is here.\n'

/**
 * Adds an entry to a deny-list, which is made if need be, and drops those whose `until` has passed; the rest of it stays,
 * comments too. Throws `CONFIG_INVALID` where the file, or the entry, would not be accepted, and `FILES_UNWRITABLE`; the
 * file is then as it was.
 */
export async function appendRevocation(file: string, entry: Revocation, nowMs: number): Promise<void> {
  await editFile(file, (text) => {
    const entries = readRevocations(file, text)
    const isKept = (index: number) => (entries[index]?.untilMs ?? Infinity) > nowMs
    const changed = addYamlItem(text === '' ? HEADING : text, toItem(entry), isKept)
    readRevocations(file, changed)
    return changed
  })
}

function toItem({ kind, value, issuer, issuedBeforeMs, untilMs }: Revocation): object {
  return {
    [kind]: value,
    ...(issuer === undefined ? {} : { issuer }),
    ...(issuedBeforeMs === undefined ? {} : { issuedBefore: new Date(issuedBeforeMs).toISOString() }),
    ...(untilMs === undefined ? {} : { until: new Date(untilMs).toISOString() }),
  }
}
