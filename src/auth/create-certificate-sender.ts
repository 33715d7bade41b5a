import { Agent, request } from 'node:https'
import type { SendForm } from './introspect-token.ts'

/** A certificate chain and its private key, in PEM. */
export interface CertificatePair {
  readonly certificate: string
  readonly key: string
}

/** Posts over TLS and shows the certificate of this moment: `fetch` cannot. A changed pair is used from the next connection on. */
export function createCertificateSender(current: () => CertificatePair): SendForm {
  let used: { readonly pair: CertificatePair; readonly agent: Agent } | undefined

  function currentAgent(): Agent {
    const pair = current()
    if (used?.pair.certificate === pair.certificate && used.pair.key === pair.key) return used.agent
    used = { pair, agent: new Agent({ keepAlive: true, cert: pair.certificate, key: pair.key }) }
    return used.agent
  }

  return (url, { headers, body, signal }) =>
    new Promise((resolve, reject) => {
      const length = { 'content-length': Buffer.byteLength(body) }
      const options = {
        method: 'POST',
        agent: currentAgent(),
        headers: { ...headers, ...length },
        signal,
      }
      const sent = request(url, options, (answer) =>
        resolve({
          status: answer.statusCode ?? 0,
          contentType: answer.headers['content-type'],
          body: answer,
        }),
      )
      sent.on('error', reject)
      sent.end(body)
    })
}
