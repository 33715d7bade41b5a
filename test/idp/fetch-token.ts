import { createHash, randomBytes } from 'node:crypto'

export interface TokenAnswer {
  readonly access_token: string
  readonly id_token?: string
  readonly token_type: string
}

interface TokenClient {
  readonly clientId: string
  readonly secret?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Asks a token endpoint as a client does. Throws with the provider's answer where it gives no token. */
export async function fetchToken(
  endpoint: string,
  { clientId, secret, headers }: TokenClient,
  parameters: Readonly<Record<string, string>>,
): Promise<TokenAnswer> {
  const response = await postForm(
    endpoint,
    { clientId, ...(secret && { secret }), ...(headers && { headers }) },
    parameters,
  )
  if (!response.ok) throw new Error(`no token, ${response.status}: ${await response.text()}`)
  return (await response.json()) as TokenAnswer
}

/** A form to an endpoint of a provider, with the client's secret in the header where it has one. */
export function postForm(
  endpoint: string,
  { clientId, secret, headers = {} }: TokenClient,
  parameters: Readonly<Record<string, string>>,
): Promise<Response> {
  const isPublic = secret === undefined
  const proof = Buffer.from(`${clientId}:${secret ?? ''}`).toString('base64')
  return fetch(endpoint, {
    method: 'POST',
    headers: { ...headers, ...(!isPublic && { authorization: `Basic ${proof}` }) },
    body: new URLSearchParams({ ...parameters, ...(isPublic && { client_id: clientId }) }),
  })
}

interface SignIn {
  readonly issuer: string
  readonly clientId: string
  readonly redirectUri: string
  readonly user: string
  readonly resource: string
}

/** The authorization code flow with PKCE, as a browser and its app walk through it. */
export async function signIn({
  issuer,
  clientId,
  redirectUri,
  user,
  resource,
}: SignIn): Promise<TokenAnswer> {
  const verifier = randomBytes(32).toString('base64url')
  const query = new URLSearchParams({
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'openid wiki:read',
    resource,
    login_hint: user,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  })
  const code = await followToCode(`${issuer}/auth?${query.toString()}`, redirectUri)
  const parameters = {
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUri,
    code_verifier: verifier,
  }
  return fetchToken(`${issuer}/token`, { clientId }, parameters)
}

async function followToCode(start: string, redirectUri: string): Promise<string> {
  const cookies = new Map<string, string>()
  let url = start
  for (let step = 0; step < 10; step++) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(url, { redirect: 'manual', headers: { cookie } })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      cookies.set(name, value)
    }
    url = new URL(response.headers.get('location') ?? '', url).href
    if (url.startsWith(redirectUri)) return new URL(url).searchParams.get('code') ?? ''
  }
  throw new Error(`no code, but ${url}`)
}
