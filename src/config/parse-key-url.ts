import type { Parsed } from './parsed.ts'
import { quote } from './parsed.ts'

/** An absolute `http(s)` URL that keys are fetched from, without user name, password or fragment. Returned as written. */
export function parseKeyUrl(text: string): Parsed<string> {
  const url = URL.parse(text)
  if (url === null || !/^https?:\/\/[^\s\\]+$/i.test(text))
    return { problem: `${quote(text)} is not an address; write a URL such as https://id.example.com` }
  // Not quoted: it may hold a password.
  if (url.username !== '' || url.password !== '')
    return { problem: 'holds a user name or a password; write the URL without them' }
  if (text.includes('#')) return { problem: `${quote(text)} has a fragment; write the URL without it` }
  return { value: text }
}

/** Whether a fetch of this URL would cross a network unprotected: plain `http:`, and not to this machine. */
export function isUnprotected(text: string): boolean {
  const url = URL.parse(text)
  return url !== null && url.protocol === 'http:' && !isLoopback(url.hostname)
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
}
