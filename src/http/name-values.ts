/** A map for names that come from outside: without a prototype, so that `__proto__` is a name like any other. */
export type MutableNameValues = { [name: string]: string[] }

/** Made by a constructor: V8 gives `Object.create(null)` a dictionary, which is several times slower to fill and to read. */
const NameValues = function NameValues() {} as unknown as { new (): MutableNameValues; prototype: object }
NameValues.prototype = Object.freeze(Object.create(null) as object)

export function createNameValues(): MutableNameValues {
  return new NameValues()
}

export function append(nameValues: MutableNameValues, name: string, value: string): void {
  const values = nameValues[name]
  if (values === undefined) nameValues[name] = [value]
  else values.push(value)
}
