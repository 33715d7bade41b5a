import { randomUUID } from 'node:crypto'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Writes a file so that others see the old one or the whole new one. Makes its folder. After a power cut too, unless it is
 * not `lasting`: for what is found out when it is read.
 */
export async function writeWhole(
  path: string,
  content: string | Uint8Array,
  { lasting = true }: { readonly lasting?: boolean } = {},
): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const draft = `${path}.${randomUUID()}.draft`
  try {
    const file = await open(draft, 'wx', 0o600)
    try {
      await file.writeFile(content)
      if (lasting) await file.sync()
    } finally {
      await file.close()
    }
    await rename(draft, path)
  } finally {
    await rm(draft, { force: true })
  }
}
