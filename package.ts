import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { cp, mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Built } from './packaging/build.ts'
import { buildProgram, text, unpackNode } from './packaging/build.ts'
import { makeDeb } from './packaging/deb.ts'
import { makeRpm } from './packaging/rpm.ts'
import { makeTar } from './packaging/tar.ts'
import { ARCHITECTURES, askedFor, FORMATS } from './packaging/targets.ts'
import type { Format } from './packaging/targets.ts'
import { complaintOfMissing, toolsOf } from './packaging/tools.ts'
import { version } from './src/lib/version.ts'

// Makes the packages. The same commit always makes the same bytes.

const USAGE = `Usage: npm run package -- [${FORMATS.join('|')} ...] [${ARCHITECTURES.join('|')} ...] [--into DIRECTORY]
Without words it makes every format for every architecture, in dist/.
`

const MAKE: Readonly<Record<Format, (built: Built) => Promise<string>>> = {
  deb: makeDeb,
  rpm: makeRpm,
  tar: makeTar,
}

const endWith = (code: number, message: string): never => {
  process.stderr.write(message)
  process.exit(code)
}

const parsed = () => {
  try {
    const options = { into: { type: 'string', default: 'dist' } } as const
    const { values, positionals } = parseArgs({ options, allowPositionals: true })
    const asked = askedFor(positionals)
    return asked && { into: values.into, ...asked }
  } catch {
    return undefined
  }
}

const { into, formats, architectures } = parsed() ?? endWith(64, USAGE)
const complaint = complaintOfMissing(toolsOf(formats, architectures, process.env))
// EX_UNAVAILABLE
if (complaint !== undefined) endWith(69, `npm run package: ${complaint}`)

/** The user who builds need not own the clone. */
const dateOfCommit = (): string =>
  execFileSync('git', ['-c', 'safe.directory=*', 'log', '-1', '--format=%ct'], { encoding: 'utf8' })
const epoch = Number(process.env['SOURCE_DATE_EPOCH'] ?? dateOfCommit())

const scratch = mkdtempSync(join(tmpdir(), 'health-sidecar-package-'))
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }))
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1))

await mkdir(into, { recursive: true })
const program = join(scratch, 'health-sidecar.js')
const bundled = await buildProgram(program)
const licence = await text('LICENSE')

for (const architecture of architectures) {
  const work = join(scratch, architecture)
  await unpackNode(architecture, work)
  const node = join(work, 'package/bin/node')
  const nodeLicence = await text(join(work, 'package/LICENSE'))
  for (const format of formats) {
    const own = join(work, format)
    await mkdir(own)
    const built = { version, epoch, architecture, program, node, bundled, licence, nodeLicence, scratch: own }
    const file = await MAKE[format](built)
    const placed = join(into, basename(file))
    await cp(file, placed)
    process.stdout.write(`${placed}\n`)
  }
}
