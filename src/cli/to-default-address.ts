import type { Config } from '../config/to-config.ts'

/** Where the data plane is reached from this machine, as an origin. */
export function toDefaultAddress({ host, port }: Config['listen']): string {
  const reached = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return `http://${reached.includes(':') ? `[${reached}]` : reached}:${port}`
}
