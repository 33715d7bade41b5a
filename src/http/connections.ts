import type { Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { Socket } from 'node:net'

export interface Connections {
  readonly requestBegins: (socket: Duplex) => void
  readonly requestEnds: (socket: Duplex) => void
  /** Whether a request of this connection is still to be answered. */
  readonly isBusy: (socket: Duplex) => boolean
  /** Closes what waits for a request; what is being read or answered goes on. */
  readonly closeIdle: () => void
}

/** Keeps account of a server's connections, for errors below HTTP and for a quick end. */
export function createConnections(server: Server): Connections {
  const pending = new Map<Duplex, number>()
  function count(socket: Duplex, change: number): void {
    const before = pending.get(socket)
    if (before !== undefined) pending.set(socket, before + change)
  }
  server.on('connection', (socket) => {
    pending.set(socket, 0)
    socket.once('close', () => pending.delete(socket))
  })
  return {
    requestBegins: (socket) => count(socket, 1),
    requestEnds: (socket) => count(socket, -1),
    isBusy: (socket) => (pending.get(socket) ?? 0) > 0,
    closeIdle() {
      server.closeIdleConnections()
      // Node does not count as idle what was dialled in reserve and never used, as Go's pool does.
      for (const socket of pending.keys()) if (isUnused(socket)) socket.destroy()
    },
  }
}

/** Nothing has arrived on it yet. */
export function isUnused(socket: Duplex): boolean {
  return socket instanceof Socket && socket.bytesRead === 0
}
