import { isRecord } from '../../decision/is-record.ts'
import { toCanonicalName } from '../to-canonical-name.ts'
import type { Middleware } from './traefik-state.ts'

/** Whether a `headers` middleware surely takes this header, named in canonical form, from every request. */
export function emptiesHeader(
  { type, options: { customRequestHeaders: headers } }: Middleware,
  name: string,
): boolean {
  if (type !== 'headers' || !isRecord(headers)) return false
  const values = Object.entries(headers).filter(([header]) => toCanonicalName(header) === name)
  return values.length > 0 && values.every(([, value]) => value === '')
}
