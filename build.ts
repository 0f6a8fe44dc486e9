import { readFile, writeFile } from 'node:fs/promises'
import { build } from 'esbuild'
import type { Plugin } from 'esbuild'
import { editorSchema } from './src/config/editor-schema.ts'

/** Puts the built-in configuration into the bundle, which has no folder of its own to read it from. */
const builtInConfig: Plugin = {
  name: 'built-in-config',
  setup(bundle) {
    bundle.onLoad({ filter: /\/default-config\.ts$/ }, async () => {
      const text = await readFile('config/health-sidecar.yaml', 'utf8')
      return { contents: `export const defaultConfigText = () => ${JSON.stringify(text)}` }
    })
  },
}

await build({
  entryPoints: ['src/main.ts'],
  outfile: 'dist/health-sidecar.js',
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  minify: true,
  keepNames: true,
  legalComments: 'none',
  // CommonJS packages in the bundle still ask for Node's own modules by require()
  banner: {
    js: "#!/usr/bin/env node\nimport { createRequire } from 'node:module'\nconst require = createRequire(import.meta.url)",
  },
  // native bindings that pg can use where they are installed
  external: ['pg-native', 'pg-cloudflare'],
  plugins: [builtInConfig],
})

await writeFile('config/health-sidecar.schema.json', `${JSON.stringify(editorSchema(), null, 2)}\n`)
