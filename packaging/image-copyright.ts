import { readFile, writeFile } from 'node:fs/promises'
import { bundledPackages } from './bundled-packages.ts'
import { copyrightFile } from './copyright.ts'

// Writes dist/copyright for the image: the licences of all packages in the program, which must be built already. Node's
// licence is in the base image.

const metafile = JSON.parse(await readFile('dist/health-sidecar.js.meta.json', 'utf8'))
const licence = await readFile('LICENSE', 'utf8')
await writeFile('dist/copyright', copyrightFile(await bundledPackages(metafile), { licence }))
