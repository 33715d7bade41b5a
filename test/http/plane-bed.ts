import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import type { AccessRequest } from '../../src/decision/access-request.ts'
import type { DecisionRecord } from '../../src/decision/decision-record.ts'
import type { Decision, Denied } from '../../src/decision/decision.ts'
import { denyByError } from '../../src/decision/deny-by-error.ts'
import { createDataPlane } from '../../src/http/create-data-plane.ts'
import type { DataPlaneLimits, DataPlaneOptions } from '../../src/http/create-data-plane.ts'

export const ALLOWED: Decision = { kind: 'allowed', app: 'demo', headers: [['X-User-ID', 'ada']] }

export function toDenied(overrides: Partial<Denied> = {}): Denied {
  return {
    kind: 'denied',
    code: 'POLICY_DENIED',
    status: 403,
    reasons: ['secret reason'],
    detail: 'secret detail',
    challenges: [],
    ...overrides,
  }
}

interface BedOptions extends Partial<Omit<DataPlaneOptions, 'limits'>> {
  readonly limits?: Partial<DataPlaneLimits>
  readonly authorize?: (request: AccessRequest, appName: string | undefined) => Promise<Decision>
  readonly onDecision?: (record: DecisionRecord) => void
  readonly denyByError?: (error: unknown) => Denied
}

/** A data plane whose every readable request is allowed, unless the options say otherwise; it ends with the test. */
export function createBed({ authorize, onDecision, limits, denyByError: deny, ...options }: BedOptions = {}) {
  const asked: { request: AccessRequest; appName: string | undefined }[] = []
  const records: DecisionRecord[] = []
  const plane = createDataPlane(
    {
      profile: 'traefik',
      trustedProxies: ['127.0.0.0/8', '::1/128'],
      tokenCookies: [],
      tokenHeaders: [],
      ...options,
      limits: { uriBytes: 16_384, queryKeys: 256, ...limits },
    },
    {
      authorize: async (request, appName) => {
        asked.push({ request, appName })
        return authorize === undefined ? ALLOWED : authorize(request, appName)
      },
      denyByError: deny ?? denyByError,
      onDecision(record) {
        records.push(record)
        onDecision?.(record)
      },
    },
  )
  onTestFinished(() => plane.close())
  return { plane, asked, records }
}

export async function createListeningBed(options: BedOptions = {}) {
  const bed = createBed(options)
  const { port } = await bed.plane.listen('127.0.0.1', 0)
  return { ...bed, port }
}

export const FORWARDED: Readonly<Record<string, string>> = {
  'X-Forwarded-Method': 'GET',
  'X-Forwarded-Proto': 'https',
  'X-Forwarded-Host': 'app.example.com',
  'X-Forwarded-Uri': '/a?x=1',
}

export const FORWARDED_LINES = Object.entries(FORWARDED).map(([name, value]) => `${name}: ${value}`)

/** The bytes of a call: start line, header lines, and what follows the empty line. */
export function toCall(
  startLine: string,
  headerLines: readonly string[] = FORWARDED_LINES,
  body = '',
  host = 'Host: regate',
): string {
  return [startLine, ...(host === '' ? [] : [host]), ...headerLines, '', body].join('\r\n')
}

export async function openSocket(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  onTestFinished(() => {
    socket.destroy()
  })
  socket.on('error', () => undefined)
  await new Promise((resolve) => socket.once('connect', resolve))
  return socket
}

export interface RawReply {
  readonly status: number
  readonly head: string
  readonly body: string
}

/** Everything that arrives until the text fits, the connection ends or the deadline (2 s) has passed, as Latin-1. */
export async function readUntil(socket: Socket, fits: (text: string) => boolean): Promise<string> {
  let text = ''
  return new Promise((resolve) => {
    const deadline = setTimeout(done, 2000)
    function done() {
      clearTimeout(deadline)
      resolve(text)
    }
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      if (fits(text)) done()
    })
    socket.once('close', done)
  })
}

/** One call on its own connection. Status 0 means that the connection was cut. */
export async function call(port: number, bytes: string): Promise<RawReply> {
  const socket = await openSocket(port)
  const text = readUntil(socket, isComplete)
  socket.write(Buffer.from(bytes, 'latin1'))
  return parseReply(await text)
}

export function parseReply(text: string): RawReply {
  const end = text.indexOf('\r\n\r\n')
  const head = text.slice(0, end)
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0), head, body: text.slice(end + 4) }
}

/** The final reply is there, with the body that its length announces. */
function isComplete(text: string): boolean {
  const end = text.indexOf('\r\n\r\n')
  if (end === -1 || text.startsWith('HTTP/1.1 100')) return false
  const length = /content-length: (\d+)/i.exec(text.slice(0, end))?.[1]
  return length !== undefined && text.length >= end + 4 + Number(length)
}
