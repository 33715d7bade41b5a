const EMAIL = /^[^\s@\p{C}]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*$/u

/** The value if it is an address with exactly one `@` and an ASCII domain, else undefined. */
export function toEmail(value: unknown): string | undefined {
  return typeof value === 'string' && EMAIL.test(value) ? value : undefined
}
