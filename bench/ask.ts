/** Asks Regate once, with the lines of a request of `request.lua`. */
export function ask(port: number, line: string): Promise<Response> {
  const headers = new Headers({
    'x-forwarded-method': 'GET',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'bench.example.com',
    'x-forwarded-uri': '/api/v1/items/42?page=2&sort=name',
  })
  for (const header of line === '' ? [] : line.split('\t')) {
    const colon = header.indexOf(':')
    headers.set(header.slice(0, colon), header.slice(colon + 2))
  }
  return fetch(`http://127.0.0.1:${port}/auth`, { headers })
}
