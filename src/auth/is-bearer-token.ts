const BEARER_TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/

/** RFC 6750 §2.1: the syntax `b64token`. */
export function isBearerToken(text: string): boolean {
  return BEARER_TOKEN.test(text)
}
