/** A name without empty labels and without blanks; the empty name is one. As Go's crypto/x509 checks names of certificates. */
export function isDomain(name: string): boolean {
  return name === '' || (/^[\x21-\x7e]*$/.test(name) && !name.split('.').includes(''))
}

/** In a constraint one dot may stand in front. */
export function isDomainConstraint(name: string): boolean {
  if (!name.startsWith('.')) return isDomain(name)
  return name !== '.' && isDomain(name.slice(1))
}
