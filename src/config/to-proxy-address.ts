import type { Config } from './to-config.ts'

/** Where the proxy reaches the data plane, as an origin: as configured, else where it listens, on this machine where that is everywhere. */
export function toProxyAddress({ proxy, listen: { host, port } }: Pick<Config, 'proxy' | 'listen'>): string {
  if (proxy.calls !== undefined) return proxy.calls
  const reached = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return `http://${reached.includes(':') ? `[${reached}]` : reached}:${port}`
}
