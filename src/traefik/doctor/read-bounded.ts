/** The body as text. Throws `RangeError` where it is longer. */
export async function readBounded(response: Response, bytesLimit: number): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    if (bytes > bytesLimit) throw new RangeError(`answers more than ${bytesLimit} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}
