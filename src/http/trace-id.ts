const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?$/
const ALL_ZERO = /^0+$/

/** The trace id of a `traceparent` line (W3C Trace Context, level 1); undefined for several lines or an invalid one. */
export function readTraceId(lines: readonly string[] | undefined): string | undefined {
  if (lines?.length !== 1) return undefined
  const [, version, traceId, parentId, tail] = TRACEPARENT.exec(lines[0] ?? '') ?? []
  if (version === undefined || traceId === undefined || parentId === undefined) return undefined
  if (version === 'ff' || (version === '00' && tail !== undefined)) return undefined
  return ALL_ZERO.test(traceId) || ALL_ZERO.test(parentId) ? undefined : traceId
}
