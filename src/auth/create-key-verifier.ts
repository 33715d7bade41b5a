import { randomBytes, timingSafeEqual } from 'node:crypto'
import { quoteBriefly } from '../decision/quote-briefly.ts'
import { RegateError } from '../errors.ts'
import type { FollowedFile } from './create-followed-file.ts'
import { digestApiKey } from './make-api-key.ts'
import type { KeyTable } from './parse-key-table.ts'
import { readKeyId } from './read-key-id.ts'
import type { Verified } from './verified.ts'

interface KeyOptions {
  readonly keys: Pick<FollowedFile<KeyTable>, 'current'>
  readonly now: () => number
  /** Compares digests in constant time. */
  readonly isSame?: (one: Buffer, other: Buffer) => boolean
}

/** `app` is the name of the app that is asked for; absent: a key that is for certain apps is refused. */
export type VerifyKey = (key: string, app: string | undefined) => Verified

/**
 * Verifies API keys. An unknown public part and a wrong secret take the same steps and get the same answer: `TOKEN_UNKNOWN`.
 * Throws `TOKEN_MALFORMED`, `TOKEN_EXPIRED` and `KEY_APP_REFUSED` besides.
 */
export function createKeyVerifier({ keys, now, isSame = timingSafeEqual }: KeyOptions): VerifyKey {
  const nobodys = randomBytes(32)
  return function verifyKey(text, app) {
    const id = readKeyId(text)
    if (id === undefined) throw new RegateError('TOKEN_MALFORMED', 'not the form of an API key')
    const key = keys.current().get(id)
    const fits = isSame(digestApiKey(text), key?.digest ?? nobodys)
    if (key === undefined || !fits) throw new RegateError('TOKEN_UNKNOWN', 'none of the API keys')
    if (now() >= key.untilMs) throw new RegateError('TOKEN_EXPIRED', `the API key ${id} has expired`)
    if (key.apps !== undefined && (app === undefined || !key.apps.has(app)))
      throw new RegateError(
        'KEY_APP_REFUSED',
        `the API key ${id} is for ${quoteBriefly([...key.apps].join(', '))} alone`,
      )
    return key.verified
  }
}
