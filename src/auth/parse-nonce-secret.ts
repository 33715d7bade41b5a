import { RegateError } from '../errors.ts'

const FEWEST_CHARACTERS = 32

/** What nonces are made with: one line, of which nobody can guess the rest. Throws `CONFIG_INVALID`. */
export function parseNonceSecret(file: string, text: string): string {
  const secret = text.trim()
  if (secret.length >= FEWEST_CHARACTERS) return secret
  const location = { file, row: 1, column: 1 }
  throw new RegateError(
    'CONFIG_INVALID',
    `a secret of at least ${FEWEST_CHARACTERS} characters is expected; make one with openssl rand -base64 32`,
    { location },
  )
}
