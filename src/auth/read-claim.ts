/**
 * The value at a configured path of a JSON object, by own properties alone. A claim whose whole name is the path wins
 * over the dotted reading, so that `https://id.example.com/roles` is reachable; undefined where there is none.
 */
export function readClaim(claims: object, path: string): unknown {
  const whole = ownValue(claims, path)
  if (whole !== undefined) return whole
  let value: unknown = claims
  for (const step of path.split('.')) value = ownValue(value, step)
  return value
}

function ownValue(holder: unknown, name: string): unknown {
  if (typeof holder !== 'object' || holder === null || Array.isArray(holder)) return undefined
  return Object.getOwnPropertyDescriptor(holder, name)?.value
}
