/**
 * Whom a canonical address stands for: an IPv4 address for itself, an IPv6 one for its /64, of which one subscriber has all
 * addresses (RFC 6177, RFC 4291 §2.5.4).
 */
export function toSubscriber(address: string): string {
  if (!address.includes(':')) return address
  const [head = '', tail] = address.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = Array<string>(Math.max(8 - left.length - right.length, 0)).fill('0')
  return [...left, ...zeros, ...right].slice(0, 4).join(':')
}
