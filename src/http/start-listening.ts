import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { RegateError } from '../errors.ts'

export interface ListenAddress {
  readonly host: string
  /** 1–65535; 0 asks for any free port. */
  readonly port: number
}

/**
 * Starts accepting connections and says where: the port that was given, not the 0 that was asked for.
 * Rejects with `LISTEN_FAILED`, which names the mend. `setting` is the key of the configuration that holds the address.
 */
export async function startListening(
  app: FastifyInstance,
  wanted: ListenAddress,
  setting: string,
): Promise<ListenAddress> {
  try {
    await app.listen({ host: toAddress(wanted.host), port: wanted.port })
  } catch (error) {
    throw new RegateError('LISTEN_FAILED', describe(error, wanted, setting), { cause: error })
  }
  const bound = app.server.address()
  return isAddressInfo(bound) ? { host: bound.address, port: bound.port } : wanted
}

/** The framework opens a second, bare server for the other family of `localhost`. */
function toAddress(host: string): string {
  return host === 'localhost' ? '127.0.0.1' : host
}

function isAddressInfo(address: AddressInfo | string | null): address is AddressInfo {
  return typeof address === 'object' && address !== null
}

function describe(error: unknown, { host, port }: ListenAddress, setting: string): string {
  const where = `${host.includes(':') ? `[${host}]` : host}:${port}`
  switch (readCode(error)) {
    case 'EADDRINUSE':
      return `${where} is in use: stop what listens there, or set "${setting}" to another port.`
    case 'EACCES':
      return `${where} may not be opened by this user: set "${setting}" to a port above 1023.`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `${where} is no address of this machine: set "${setting}" to one, for example 127.0.0.1:${port}.`
    default:
      return `${where} cannot be opened (${readCode(error)}): check "${setting}".`
  }
}

function readCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}
