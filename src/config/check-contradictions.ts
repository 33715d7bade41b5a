import type { z } from 'zod'
import { listensOverlap } from './parse-listen.ts'
import type { ListenAddress } from './parse-listen.ts'

/** What is right by itself and wrong together. Settings that did not parse are left out: they have a problem already. */
export function checkContradictions(settings: unknown, context: z.RefinementCtx): void {
  const at = (...path: readonly string[]) => path.reduce<unknown>(childOf, settings)
  const report = (path: (string | number)[], message: string) =>
    context.addIssue({ code: 'custom', path, message })

  const data = at('listen')
  const admin = at('admin', 'listen')
  if (isListen(data) && isListen(admin) && listensOverlap(data, admin))
    report(['admin', 'listen'], 'takes the port of listen; write another port')

  const userId = lowerCase(at('responseHeaders', 'userId'))
  const roles = lowerCase(at('responseHeaders', 'roles'))
  if (userId !== undefined && userId === roles)
    report(['responseHeaders', 'roles'], 'is the name of responseHeaders.userId; write another name')

  const keyHeader = at('authentication', 'apiKeys', 'header')
  if (keyHeader !== undefined && (keyHeader === userId || keyHeader === roles))
    report(['authentication', 'apiKeys', 'header'], 'is an identity header; write another name')

  const places = at('authentication', 'from')
  for (const [index, place] of (Array.isArray(places) ? places : []).entries()) {
    const name = childOf(place, 'kind') === 'header' ? childOf(place, 'name') : undefined
    if (name !== undefined && (name === userId || name === roles))
      report(['authentication', 'from', index], 'is an identity header; write another name')
    if (name !== undefined && name === keyHeader)
      report(
        ['authentication', 'apiKeys', 'header'],
        'is in authentication.from; keys are read there already',
      )
  }

  checkProofs(at('authentication'), report)

  const headerBytes = at('limits', 'headerBytes')
  for (const key of ['tokenBytes', 'uriBytes']) {
    const bytes = at('limits', key)
    if (typeof bytes === 'number' && typeof headerBytes === 'number' && bytes > headerBytes)
      report(['limits', key], 'is more than limits.headerBytes, which holds it; write less')
  }
}

/** Where nothing could be proved, every caller would be refused. */
function checkProofs(authentication: unknown, report: (path: (string | number)[], message: string) => void) {
  const listOf = (key: string): readonly unknown[] => {
    const value = childOf(authentication, key)
    return Array.isArray(value) ? value : []
  }
  const dpop = childOf(authentication, 'dpop')
  if (dpop !== undefined && !listOf('from').some((place) => childOf(place, 'kind') === 'authorization'))
    report(
      ['authentication', 'dpop'],
      'needs authorization in authentication.from; proofs go with no other place',
    )
  if (childOf(dpop, 'nonceSecretFile') !== undefined && childOf(dpop, 'nonce') !== true)
    report(['authentication', 'dpop', 'nonceSecretFile'], 'does nothing without nonce: true; write it beside')
  if (dpop !== undefined || childOf(authentication, 'certificates') !== undefined) return
  for (const section of ['jwt', 'introspection'])
    for (const [index, entry] of listOf(section).entries())
      if (childOf(entry, 'senderConstrained') === true)
        report(
          ['authentication', section, index, 'senderConstrained'],
          'needs authentication.dpop or authentication.certificates; without them no token could be proved',
        )
}

function childOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
}

function lowerCase(value: unknown): string | undefined {
  return typeof value === 'string' ? value.toLowerCase() : undefined
}

function isListen(value: unknown): value is ListenAddress {
  return typeof childOf(value, 'host') === 'string' && typeof childOf(value, 'port') === 'number'
}
