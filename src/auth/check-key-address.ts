import { RegateError } from '../errors.ts'
import { quoteBriefly } from '../decision/quote-briefly.ts'

const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/

/**
 * The parsed address of a key server: `https:`, or `http:` on loopback or where the issuer allows it.
 * Throws `CONFIG_INVALID`.
 */
export function checkKeyAddress(text: string, allowHttp: boolean): URL {
  const url = URL.parse(text)
  if (url === null) throw refused('is not an absolute URL', text)
  if (url.username !== '' || url.password !== '') throw refused('holds credentials', url.host)
  if (url.protocol === 'https:') return url
  if (url.protocol === 'http:' && (allowHttp || LOOPBACK.test(url.hostname))) return url
  throw refused('is neither https nor on loopback (allowHttp permits http)', text)
}

function refused(problem: string, address: string): RegateError {
  return new RegateError('CONFIG_INVALID', `the key address ${problem}: ${quoteBriefly(address)}`)
}
