/** Reads a stream to its end. Undefined once it has more than `maxBytes`. Rejects as the stream does. */
export const readBounded = async (
  stream: AsyncIterable<Buffer>,
  maxBytes: number,
): Promise<Buffer | undefined> => {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of stream) {
    bytes += chunk.length
    if (bytes > maxBytes) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
