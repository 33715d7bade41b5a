/**
 * To be loaded before a server, with `--expose-gc`: counts signatures that are verified. At SIGUSR2 collects the garbage and
 * writes a line of `MemoryReport` to standard error.
 */
export interface MemoryReport {
  readonly verified: number
  readonly heapBytes: number
  readonly residentBytes: number
}

let verified = 0
const verify = crypto.subtle.verify.bind(crypto.subtle)
crypto.subtle.verify = (...parameters) => {
  verified += 1
  return verify(...parameters)
}

process.on('SIGUSR2', () => {
  globalThis.gc?.()
  const { heapUsed, rss } = process.memoryUsage()
  const report: MemoryReport = { verified, heapBytes: heapUsed, residentBytes: rss }
  console.error(JSON.stringify(report))
})
