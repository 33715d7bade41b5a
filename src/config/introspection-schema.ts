import { z } from 'zod'
import { claimSettings, withClaims } from './claims-schema.ts'
import { isUnprotected, parseKeyUrl } from './parse-key-url.ts'
import { expected, parsedText, quote, text } from './parsed.ts'
import { duration, file, flag, list } from './setting.ts'

/** An entry of `authentication.introspection`. */
export function introspectionSchema(folder: string) {
  return z
    .strictObject(
      {
        issuer: z.exactOptional(text('the exact value of iss')),
        url: z.exactOptional(parsedText('the URL of an introspection endpoint', parseKeyUrl)),
        clientId: text('what the server calls Regate'),
        clientSecretFile: z.exactOptional(file(folder)),
        clientSecretIn: z.enum(['header', 'body'], expected('header or body')).default('header'),
        privateKeyFile: z.exactOptional(file(folder)),
        privateKeyId: z.exactOptional(text('the kid of the key')),
        certificateFile: z.exactOptional(file(folder)),
        certificateKeyFile: z.exactOptional(file(folder)),
        audiences: list(text('an audience'), 'audiences such as [wiki]'),
        audienceOptional: flag().default(false),
        tokenTypes: list(text('a token_type'), 'names such as Bearer').default(['Bearer']),
        ...claimSettings(),
        clockTolerance: duration('0s', '60s').default(10_000),
        cache: duration('0s', '1h').default(60_000),
        negativeCache: duration('0s', '5m').default(5000),
        timeout: duration('100ms', '30s').default(5000),
        allowHttp: flag().default(false),
        jwtToo: flag().default(false),
      },
      expected('a mapping with url or issuer, clientId and audiences'),
    )
    .check(z.superRefine(checkEntry, { when: () => true }))
    .transform(withClaims)
}

interface Entry {
  readonly issuer?: unknown
  readonly url?: unknown
  readonly clientSecretFile?: unknown
  readonly privateKeyFile?: unknown
  readonly certificateFile?: unknown
  readonly certificateKeyFile?: unknown
  readonly allowHttp: unknown
}

function checkEntry(entry: Entry, context: z.RefinementCtx): void {
  const report = (path: string[], message: string) =>
    context.addIssue({ code: 'custom', path, message: `${message}` })
  if (entry.url === undefined && entry.issuer === undefined)
    report([], 'names no server; write url, or issuer where discovery finds it')
  const proofs = [entry.clientSecretFile, entry.privateKeyFile, entry.certificateFile]
  if (proofs.filter((proof) => proof !== undefined).length !== 1)
    report(
      [],
      'has no proof of the client, or several; write clientSecretFile, privateKeyFile or certificateFile',
    )
  if ((entry.certificateFile === undefined) !== (entry.certificateKeyFile === undefined))
    report([], 'needs certificateFile and certificateKeyFile together; write both')
  checkAddresses(entry, report)
}

function checkAddresses(
  { issuer, url, allowHttp }: Entry,
  report: (path: string[], message: string) => void,
): void {
  if (url === undefined && typeof issuer === 'string') {
    const parsed = parseKeyUrl(issuer)
    if ('problem' in parsed) report(['issuer'], `${parsed.problem}, or name the endpoint under url`)
  }
  const [key, address] = url === undefined ? ['issuer', issuer] : ['url', url]
  if (allowHttp !== true && typeof address === 'string' && isUnprotected(address))
    report(
      [key],
      `${quote(address)} would send tokens over plain http; write https, or allowHttp: true beside it`,
    )
}
