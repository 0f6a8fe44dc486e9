import { readFile, writeFile } from 'node:fs/promises'
import { version } from '../src/lib/version.ts'
import { bundledPackages } from './bundled-packages.ts'
import { copyrightFile } from './copyright.ts'
import { readLockFile } from './lock-file.ts'
import { sbomOf } from './sbom.ts'
import { sourceDate } from './source.ts'

// Writes dist/copyright and dist/sbom.cdx.json for the npm package: the licences of all packages in the program, which must
// be built already, and the list of them. The npm package contains no Node of its own.

const metafile = JSON.parse(await readFile('dist/health-sidecar.js.meta.json', 'utf8'))
const licence = await readFile('LICENSE', 'utf8')
const bundled = await bundledPackages(metafile)
const locked = await readLockFile()
await writeFile('dist/copyright', copyrightFile(bundled, { licence }))
await writeFile('dist/sbom.cdx.json', sbomOf(bundled, { version, epoch: sourceDate(), locked }))
