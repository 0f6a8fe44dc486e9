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

/** Leaves out what of undici is not used: importing the whole takes a third of a start. */
const usedOfUndici: Plugin = {
  name: 'used-of-undici',
  setup(bundle) {
    bundle.onResolve({ filter: /^undici$/ }, () => ({ path: 'undici', namespace: 'used-of-undici' }))
    bundle.onLoad({ filter: /.*/, namespace: 'used-of-undici' }, () => ({
      contents: `
        export { default as Client } from 'undici/lib/dispatcher/client.js'
        export { default as errors } from 'undici/lib/core/errors.js'`,
      resolveDir: '.',
    }))
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
  plugins: [builtInConfig, compiledSchema, usedOfUndici],
})

await writeFile('config/health-sidecar.schema.json', `${JSON.stringify(editorSchema(), null, 2)}\n`)
