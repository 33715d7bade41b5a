/** A map for names that come from outside: without a prototype, so that `__proto__` is a name like any other. */
export type MutableNameValues = { [name: string]: string[] }

export function createNameValues(): MutableNameValues {
  // Typed `any` by the language's library; what is empty fits every type of values.
  return Object.create(null) as MutableNameValues
}

export function append(nameValues: MutableNameValues, name: string, value: string): void {
  const values = nameValues[name]
  if (values === undefined) nameValues[name] = [value]
  else values.push(value)
}
