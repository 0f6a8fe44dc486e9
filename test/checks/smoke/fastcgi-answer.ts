/** One record of a FastCGI server, with padding. */
export const fastcgiRecord = (type: number, content: string | Buffer, paddingBytes = 0): Buffer => {
  const bytes = Buffer.from(content)
  const header = Buffer.from([1, type, 0, 1, 0, 0, paddingBytes, 0])
  header.writeUInt16BE(bytes.length, 4)
  return Buffer.concat([header, bytes, Buffer.alloc(paddingBytes)])
}

/** The end of a request: 0 is complete, 2 overloaded. */
export const endRecord = (protocolStatus: number): Buffer =>
  fastcgiRecord(3, Buffer.from([0, 0, 0, 0, protocolStatus, 0, 0, 0]))

/** A whole answer with this output. */
export const fastcgiAnswer = (output: string): Buffer =>
  Buffer.concat([fastcgiRecord(6, output), endRecord(0)])
