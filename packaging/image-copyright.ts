import { readFile, writeFile } from 'node:fs/promises'
import { bundledPackages } from './bundled-packages.ts'
import { copyrightFile } from './copyright.ts'

// Writes dist/copyright for the image and the npm package: the licences of all packages in the program, which must be
// built already. Neither contains a Node of its own.

const metafile = JSON.parse(await readFile('dist/health-sidecar.js.meta.json', 'utf8'))
const licence = await readFile('LICENSE', 'utf8')
await writeFile('dist/copyright', copyrightFile(await bundledPackages(metafile), { licence }))
