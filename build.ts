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

/**
 * Puts the configuration's schema into the bundle as it is when it has been made, and compiled, so that no start has to
 * do either. What makes schemas is left out.
 */
const readySchema: Plugin = {
  name: 'ready-schema',
  setup(bundle) {
    bundle.onLoad({ filter: /\/src\/config\/schema\.ts$/ }, () => {
      const text = JSON.stringify(JSON.stringify(configSchema))
      return { contents: `export const configSchema = JSON.parse(${text})` }
    })
    bundle.onLoad({ filter: /\/src\/config\/compiled-schema\.ts$/ }, () => {
      const ajv = createAjv()
      const contents = standaloneCode(ajv, { isValid: ajv.addSchema(configSchema, 'config') && 'config' })
      return { contents, resolveDir: 'src/config' }
    })
    bundle.onLoad({ filter: /\/src\/schema\/vocabulary\.ts$/ }, () => ({
      contents: `
        const nothing = () => ({ properties: {} })
        export const Type = new Proxy({}, { get: () => nothing })
        export { nothing as Duration, nothing as Size, nothing as Mapping, nothing as Text, nothing as MatcherText }`,
    }))
  },
}

/**
 * Leaves out what of undici is not used, and does what its index does to the rest: requests over HTTP/1.1 without a body,
 * read by the parser that runs on every processor. Of Node's own modules it takes little of two that are slow to load.
 */
const usedOfUndici: Plugin = {
  name: 'used-of-undici',
  setup(bundle) {
    const modules: Readonly<Record<string, string>> = {
      undici: `
        import request from 'undici/lib/api/api-request.js'
        import Client from 'undici/lib/dispatcher/client.js'
        import Dispatcher from 'undici/lib/dispatcher/dispatcher.js'
        import errors from 'undici/lib/core/errors.js'
        Dispatcher.prototype.request = request
        export { Client, errors }`,
      'node:assert': `module.exports = (ok, message) => ok || require('assert')(ok, message)`,
      'node:http': `module.exports = { maxHeaderSize: 16384 }`,
    }
    bundle.onResolve({ filter: /^(undici|node:assert|node:http)$/ }, ({ path, importer }) =>
      path === 'undici' || /\/undici\//.test(importer) ? { path, namespace: 'used-of-undici' } : undefined,
    )
    bundle.onLoad({ filter: /./, namespace: 'used-of-undici' }, ({ path }) => ({
      contents: modules[path] ?? '',
      resolveDir: '.',
    }))
    const parts = /\/undici\/lib\/(dispatcher\/client-h2|llhttp\/llhttp_simd-wasm|web\/.+)\.js$/
    bundle.onLoad({ filter: parts }, () => ({ contents: 'module.exports = undefined' }))
  },
}

/**
 * Leaves out what fastify loads for routes with schemas, plugins that ask for a version, proxies that are trusted and
 * requests that no socket brings; pino for logs that threads of their own write; and commander for commands that are
 * programs of their own: there are none.
 */
const unused: Plugin = {
  name: 'unused',
  setup(bundle) {
    const packages =
      /^(@fastify\/(ajv-compiler|fast-json-stringify-compiler|proxy-addr)|light-my-request|semver|thread-stream)$/
    bundle.onResolve({ filter: packages }, ({ path }) => ({ path, namespace: 'unused' }))
    bundle.onResolve({ filter: /^node:child_process$/ }, ({ path, importer }) =>
      /\/commander\//.test(importer) ? { path, namespace: 'unused' } : undefined,
    )
    bundle.onLoad({ filter: /./, namespace: 'unused' }, () => ({ contents: '' }))
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
  format: 'iife',
  // undici leaves its other parser out where it finds this, as it does when Node bundles it
  define: { esbuildDetection: '1' },
  // names stay: errors and stack traces tell them, and to restore them costs more at each start than it saves
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none',
  metafile: true,
  // Node's own modules are asked for by the code that needs them, when it runs; an import would load all at every start
  banner: { js: '#!/usr/bin/env node\n(require => {' },
  footer: { js: '})(process.getBuiltinModule)' },
  // native bindings that pg can use where they are installed
  external: ['pg-native', 'pg-cloudflare'],
  plugins: [unused, usedOfUndici, readySchema, builtInConfig],
})

// which packages are in it: package.ts gives their licences along
await writeFile(`${outfile}.meta.json`, JSON.stringify(metafile))

if (place === undefined)
  await writeFile('config/health-sidecar.schema.json', `${JSON.stringify(editorSchema(), null, 2)}\n`)
