'use strict'

// Runs the program from code that V8 has compiled before: compiling is half the work of a short command. compile.cjs keeps the
// code beside the program, with a checksum: V8 itself would accept damaged code, or the code of another text of the same
// length. If the code does not belong to the text, or to this V8, the text is compiled as usual.

const { readFileSync } = require('node:fs')
const { Script } = require('node:vm')
const { crc32 } = require('node:zlib')

const filename = `${__dirname}/health-sidecar.js`
const keptIn = `${__dirname}/health-sidecar.compiled`
const text = readFileSync(filename)
const checksum = data => crc32(data, crc32(text))

const kept = () => {
  try {
    const file = readFileSync(keptIn)
    const data = file.subarray(0, -4)
    return file.readUInt32LE(data.length) === checksum(data) ? data : undefined
  } catch {
    return undefined
  }
}

// the program is ASCII, which needs no decoding
const script = new Script(text.toString('latin1'), { filename, cachedData: kept() })
script.runInThisContext()

const keep = () => {
  const data = script.createCachedData()
  const end = Buffer.alloc(4)
  end.writeUInt32LE(checksum(data))
  return { keptIn, file: Buffer.concat([data, end]) }
}

module.exports = { keep }
