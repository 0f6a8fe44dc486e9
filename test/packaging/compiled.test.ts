import { execFile } from 'node:child_process'
import { copyFile, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { crc32 } from 'node:zlib'
import t from 'tap'
import { createScratchDirectory } from '../support/scratch-directory.ts'

const scratch = await createScratchDirectory('health-sidecar-compiled-')
t.teardown(() => scratch[Symbol.asyncDispose]())
const file = (name: string) => join(scratch.path, name)
for (const name of ['compile.cjs', 'compiled.cjs']) await copyFile(join('packaging', name), file(name))

/** Runs a file of the package beside a program, and answers what that says. */
const run = async (name: string): Promise<string> =>
  (await promisify(execFile)(process.execPath, [file(name)], { env: {} })).stdout

const program = file('health-sidecar.js')
const kept = file('health-sidecar.compiled')
const saying = (word: string): string => `console.log('${word}')`

const compiled = async () => (await readFile(kept)).subarray(0, -4)

/** Puts what was compiled in place, as if it were of the text that is there. */
const keep = async (data: Buffer): Promise<void> => {
  const checksum = Buffer.alloc(4)
  checksum.writeUInt32LE(crc32(data, crc32(await readFile(program))))
  await writeFile(kept, Buffer.concat([data, checksum]))
}

t.beforeEach(async () => {
  await writeFile(program, saying('one'))
  await rm(kept, { force: true })
})

t.test('compiled › a program runs that has not been compiled', async t => {
  t.equal(await run('compiled.cjs'), 'one\n')
})

t.test('compiled › what was compiled is taken, where the checksum is that of it and the text', async t => {
  await run('compile.cjs')
  t.equal(await run('compiled.cjs'), 'one\n')
  // forged: to V8, one text is like another of the same length
  await writeFile(program, saying('two'))
  await keep(await compiled())
  t.equal(await run('compiled.cjs'), 'one\n')
})

t.test('compiled › what was compiled of another text is not, though that was as long', async t => {
  await run('compile.cjs')
  await writeFile(program, saying('two'))
  t.equal(await run('compiled.cjs'), 'two\n')
})

t.test('compiled › what has been damaged or cut short is not', async t => {
  await run('compile.cjs')
  const whole = await readFile(kept)
  await writeFile(kept, Buffer.from(whole.toString('latin1').replace('one', 'six'), 'latin1'))
  t.equal(await run('compiled.cjs'), 'one\n')
  for (const length of [whole.length - 8, 3, 0]) {
    await truncate(kept, length)
    t.equal(await run('compiled.cjs'), 'one\n', `${length} bytes`)
  }
})

t.test('compiled › what another V8 has compiled is not', async t => {
  await run('compile.cjs')
  const data = await compiled()
  await writeFile(program, saying('two'))
  // the second word of what V8 writes is a hash of its version
  data.writeUInt8(data.readUInt8(4) ^ 1, 4)
  await keep(data)
  t.equal(await run('compiled.cjs'), 'two\n')
})

t.test('compile › compiles anew, whatever was there', async t => {
  await writeFile(kept, 'nothing of the kind')
  t.equal(await run('compile.cjs'), 'one\n')
  t.ok((await readFile(kept)).length > 100)
})

t.test('compile › a check that leaves the database in the middle of a word does not end it', async t => {
  const leaving = `
    const { connect } = process.getBuiltinModule('net')
    const { checks } = JSON.parse(process.getBuiltinModule('fs').readFileSync(process.argv.at(-1), 'utf8'))
    const directory = checks[0].target.slice('http+unix:'.length, -'/app'.length)
    const socket = connect(directory + '/.s.PGSQL.5432').pause()
    socket.write('hello', () => setTimeout(() => socket.destroy(), 100))
    socket.on('close', () => console.log('left'))`
  await writeFile(program, leaving)
  t.equal(await run('compile.cjs'), 'left\n')
  t.ok((await readFile(kept)).length > 100)
})
