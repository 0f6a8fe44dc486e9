import { readFile, writeFile } from 'node:fs/promises'
import ajvStandalone from 'ajv/dist/standalone/index.js'
import { build } from 'esbuild'
import type { Plugin } from 'esbuild'
import { createAjv } from './src/config/compiled-schema.ts'
import { editorSchema } from './src/config/editor-schema.ts'
import { configSchema } from './src/config/schema.ts'

const { default: standaloneCode } = ajvStandalone

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

/** Puts the compiled schema into the bundle, so that no start has to compile it. */
const compiledSchema: Plugin = {
  name: 'compiled-schema',
  setup(bundle) {
    bundle.onLoad({ filter: /\/compiled-schema\.ts$/ }, () => {
      const ajv = createAjv()
      const contents = standaloneCode(ajv, { isValid: ajv.addSchema(configSchema, 'config') && 'config' })
      return { contents, resolveDir: 'src/config' }
    })
  },
}

/** Leaves out what of undici is not used, and does what its index does to the rest. */
const usedOfUndici: Plugin = {
  name: 'used-of-undici',
  setup(bundle) {
    bundle.onResolve({ filter: /^undici$/ }, () => ({ path: 'undici', namespace: 'used-of-undici' }))
    bundle.onLoad({ filter: /.*/, namespace: 'used-of-undici' }, () => ({
      contents: `
        import api from 'undici/lib/api/index.js'
        import Client from 'undici/lib/dispatcher/client.js'
        import Dispatcher from 'undici/lib/dispatcher/dispatcher.js'
        import errors from 'undici/lib/core/errors.js'
        Object.assign(Dispatcher.prototype, api)
        export { Client, errors }`,
      resolveDir: '.',
    }))
  },
}

/** Another place for the file may be given, and leaves the rest of the repository as it is. */
const [place] = process.argv.slice(2)
const outfile = place ?? 'dist/health-sidecar.js'

const { metafile } = await build({
  entryPoints: ['src/main.ts'],
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  minify: true,
  keepNames: true,
  legalComments: 'none',
  metafile: true,
  // CommonJS packages in the bundle still ask for Node's own modules by require()
  banner: {
    js: "#!/usr/bin/env node\nimport { createRequire } from 'node:module'\nconst require = createRequire(import.meta.url)",
  },
  // native bindings that pg can use where they are installed
  external: ['pg-native', 'pg-cloudflare'],
  plugins: [builtInConfig, compiledSchema, usedOfUndici],
})

// which packages are in it: package.ts gives their licences along
await writeFile(`${outfile}.meta.json`, JSON.stringify(metafile))

if (place === undefined)
  await writeFile('config/health-sidecar.schema.json', `${JSON.stringify(editorSchema(), null, 2)}\n`)
