import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { cp, mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Built } from './packaging/build.ts'
import { buildProgram, text, unpackNode } from './packaging/build.ts'
import { makeDeb } from './packaging/deb.ts'
import { makeImage } from './packaging/image.ts'
import { readLockFile } from './packaging/lock-file.ts'
import { makeRpm } from './packaging/rpm.ts'
import { sbomOf } from './packaging/sbom.ts'
import { sourceDate, sourceRevision } from './packaging/source.ts'
import { makeTar } from './packaging/tar.ts'
import { ARCHITECTURES, askedFor, FORMATS, IMAGE, unknownIn } from './packaging/targets.ts'
import type { Architecture, Format } from './packaging/targets.ts'
import { complaintOfMissing, toolsOf } from './packaging/tools.ts'
import { endIfUnavailable, UnavailableError } from './packaging/unavailable.ts'
import { codeOrUnknown } from './src/lib/describe-error.ts'
import { version } from './src/lib/version.ts'

// Makes the packages. The same commit always makes the same bytes.

const USAGE = `Usage: npm run package -- [${[...FORMATS, IMAGE].join('|')} ...] [${ARCHITECTURES.join('|')} ...]
                          [--into DIRECTORY] [--base IMAGE]
Without words it makes every format for every architecture, in dist/, but for the image, whose base comes from a registry.
`

const MAKE: Readonly<Record<Format, (built: Built) => Promise<string>>> = {
  deb: makeDeb,
  rpm: makeRpm,
  tar: makeTar,
}

const refuse = (what: string): never => {
  process.stderr.write(`npm run package: ${what}\n${USAGE}`)
  process.exit(64)
}

/** As `mkdir -p`. Node's own `recursive` never ends below /proc, where a directory is there and yet takes none (ENOENT). */
const makeDirectory = (path: string): void => {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return
  const above = dirname(path)
  if (!existsSync(above)) makeDirectory(above)
  mkdirSync(path)
}

const parsed = () => {
  const options = { into: { type: 'string', default: 'dist' }, base: { type: 'string' } } as const
  try {
    return parseArgs({ options, allowPositionals: true })
  } catch (error) {
    return refuse(
      error instanceof Error ? (error.message.split('. ')[0] ?? '') : 'the options cannot be read',
    )
  }
}

endIfUnavailable('npm run package')
const { values, positionals } = parsed()
const { into, base } = values
const unknown = unknownIn(positionals)
if (unknown !== undefined) refuse(`"${unknown}" is neither a format nor an architecture`)
const asked = askedFor(positionals)
if (base !== undefined && !asked.image)
  refuse('--base is for the image alone; add the word image, or leave it out')
const complaint = complaintOfMissing(toolsOf(asked, process.env))
if (complaint !== undefined) throw new UnavailableError(complaint)
const epoch = sourceDate()
const revision = asked.image ? sourceRevision() : ''
try {
  makeDirectory(into)
} catch (cause) {
  const code = codeOrUnknown(cause)
  const what = `the directory ${into} cannot be made (${code}); name another one by --into`
  throw new UnavailableError(what, { cause })
}

const scratch = mkdtempSync(join(tmpdir(), 'health-sidecar-package-'))
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }))
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1))

const program = join(scratch, 'health-sidecar.js')
const bundled = await buildProgram(program)
const licence = await text('LICENSE')
const locked = await readLockFile()

const place = async (file: string): Promise<void> => {
  const placed = join(into, basename(file))
  await cp(file, placed).catch((cause: unknown) => {
    const what = `${placed} cannot be written (${codeOrUnknown(cause)}); mend that, or name another directory by --into`
    throw new UnavailableError(what, { cause })
  })
  process.stdout.write(`${placed}\n`)
}

const tarballs = new Map<Architecture, string>()
for (const architecture of asked.architectures) {
  const work = join(scratch, architecture)
  await unpackNode(architecture, work)
  const node = join(work, 'package/bin/node')
  const nodeLicence = await text(join(work, 'package/LICENSE'))
  const sbom = sbomOf(bundled, { version, epoch, locked, architecture })
  for (const format of FORMATS) {
    const forImage = asked.image && format === 'tar'
    if (!asked.formats.includes(format) && !forImage) continue
    const own = join(work, format)
    await mkdir(own)
    const parts = { program, node, bundled, licence, nodeLicence, sbom }
    const file = await MAKE[format]({ version, epoch, architecture, ...parts, scratch: own })
    if (forImage) tarballs.set(architecture, file)
    if (asked.formats.includes(format)) await place(file)
  }
}
if (asked.image) {
  const own = join(scratch, IMAGE)
  const source = process.env['SOURCE_URL']
  await place(await makeImage({ version, epoch, revision, source, base, tarballs, scratch: own }))
}
