/** A map for names that come from outside: it inherits nothing, so that `__proto__` is a name like any other. */
export type MutableNameValues = { [name: string]: string[] }

/** Empty, and yet no null: V8 gives `Object.create(null)` a dictionary, which is several times slower to fill and to read. */
const NOTHING: object = Object.freeze({ __proto__: null })

export function createNameValues(): MutableNameValues {
  return Object.create(NOTHING) as MutableNameValues
}

export function append(nameValues: MutableNameValues, name: string, value: string): void {
  const values = nameValues[name]
  if (values === undefined) nameValues[name] = [value]
  else values.push(value)
}
