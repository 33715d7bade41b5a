import { RegateError } from '../../errors.ts'

/** A block of PEM. */
export interface PemBlock {
  readonly bytes: Buffer
  /** Where it begins, for messages. */
  readonly location: { readonly file: string; readonly row: number; readonly column: number }
}

const BLOCK = /^-----BEGIN ([A-Z0-9 ]+)-----[ \t]*\r?\n([A-Za-z0-9+/=\s]*?)^-----END \1-----[ \t]*$/gm

/**
 * Reads the blocks of a PEM file (RFC 7468), all of which have this label; text between them is a comment.
 * Throws `CONFIG_INVALID` with file and row, also for private keys and for a file without blocks.
 */
export function readPem(file: string, text: string, label: string): readonly PemBlock[] {
  const blocks = [...text.matchAll(BLOCK)].map((match) => {
    const location = { file, row: text.slice(0, match.index).split('\n').length, column: 1 }
    if (match[1] !== label) throw refusePem(location, `a block "${match[1]}" where ${label} is expected`)
    return { bytes: Buffer.from(match[2] ?? '', 'base64'), location }
  })
  const begun = text.match(/-----BEGIN/g)?.length ?? 0
  if (begun !== blocks.length)
    throw refusePem(
      { file, row: 1, column: 1 },
      'a PEM block does not end, or holds something else than base64',
    )
  if (blocks.length === 0) throw refusePem({ file, row: 1, column: 1 }, `no PEM block ${label}`)
  return blocks
}

export function refusePem(location: PemBlock['location'], reason: string, cause?: unknown): RegateError {
  const { file, row, column } = location
  return new RegateError('CONFIG_INVALID', `${file}:${row}:${column}: ${reason}`, { location, cause })
}
