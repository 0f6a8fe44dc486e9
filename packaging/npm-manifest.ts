import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { sourceDate } from './source.ts'
import { endIfUnavailable } from './unavailable.ts'

// `npm pack` runs this before and after. The program is one file, so whoever installs it needs none of the packages that
// package.json names: the tarball gets a manifest of its own. `node packaging/npm-manifest.ts restore` puts ours back.

const OURS = 'package.json'
const KEPT = 'dist/package.json.kept'

const restore = async (): Promise<void> => {
  if (existsSync(KEPT)) await rename(KEPT, OURS)
}

const replace = async (): Promise<void> => {
  // left by a run that was killed
  await restore()
  const env = { ...process.env, SOURCE_DATE_EPOCH: String(sourceDate()) }
  for (const script of ['build.ts', 'packaging/npm-notices.ts'])
    execFileSync(process.execPath, [script], { env, stdio: ['ignore', 'ignore', 'inherit'] })
  const text = await readFile(OURS, 'utf8')
  const { name, version, description, license, files } = JSON.parse(text)
  const manifest = {
    name,
    version,
    description,
    license,
    bin: { 'health-sidecar': 'packaging/npm-bin.cjs' },
    man: ['packaging/man/health-sidecar.1', 'packaging/man/health-sidecar.yaml.5'],
    files,
    os: ['linux'],
    engines: { node: '>=24' },
  }
  await writeFile(KEPT, text)
  await writeFile(OURS, `${JSON.stringify(manifest, null, 2)}\n`)
}

endIfUnavailable('npm pack')
await (process.argv[2] === 'restore' ? restore() : replace())
