export interface Mailbox {
  readonly local: string
  readonly domain: string
}

// Control characters but line breaks and tabs; blanks are taken as RFC 3696 shows them.
const QUOTED =
  /^"((?:[\x01-\x08\x0b\x0c\x0e-\x1f !\x23-\x5b\x5d-\x7f]|\\[\x01-\x09\x0b\x0c\x0e-\x7f])*)"@(.*)$/s
const PLAIN = /^((?:[0-9A-Za-z!#$%&'*+\-/=?^_`{|}~.]|\\[^])+)@(.*)$/s

/** An ASCII address of mail, its quotes and escapes taken off. Source: RFC 2821, 4.1.2, as Go's crypto/x509 reads it. */
export function parseMailbox(text: string): Mailbox | undefined {
  const isQuoted = text.startsWith('"')
  const [, written, domain = ''] = (isQuoted ? QUOTED : PLAIN).exec(text) ?? []
  if (written === undefined) return undefined
  const local = written.replace(/\\([^])/g, '$1')
  const hasBadDots = !isQuoted && (local.startsWith('.') || local.endsWith('.') || local.includes('..'))
  return hasBadDots || !isLabels(domain) ? undefined : { local, domain }
}

function isLabels(domain: string): boolean {
  return domain === '' || (/^[\x21-\x7e]+$/.test(domain) && !domain.split('.').includes(''))
}
