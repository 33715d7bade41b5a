/** Negative where the first is older; a pre-release is older than its release. Undefined where one is no version. */
export function compareVersions(one: string, other: string): number | undefined {
  const [left, right] = [parse(one), parse(other)]
  if (left === undefined || right === undefined) return undefined
  return left.map((part, index) => part - (right[index] ?? 0)).find((difference) => difference !== 0) ?? 0
}

function parse(text: string): readonly number[] | undefined {
  const [, major, minor, patch, suffix] = /^v?(\d+)\.(\d+)\.(\d+)(-\S+)?$/.exec(text) ?? []
  if (major === undefined) return undefined
  return [Number(major), Number(minor), Number(patch), suffix === undefined ? 0 : -1]
}
