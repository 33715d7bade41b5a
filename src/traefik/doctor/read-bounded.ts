/** The body as text. Throws `RangeError` where it is longer. */
export async function readBounded(response: Response, bytesLimit: number): Promise<string> {
  const reader = response.body?.getReader()
  const chunks: Uint8Array[] = []
  let bytes = 0
  for (;;) {
    const part: { readonly value?: unknown } = (await reader?.read()) ?? {}
    if (!(part.value instanceof Uint8Array)) return Buffer.concat(chunks).toString()
    chunks.push(part.value)
    bytes += part.value.length
    if (bytes <= bytesLimit) continue
    await reader?.cancel()
    throw new RangeError(`answers more than ${bytesLimit} bytes`)
  }
}
