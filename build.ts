import { readFile, writeFile } from 'node:fs/promises'
import ajvStandalone from 'ajv/dist/standalone/index.js'
import { build, transform } from 'esbuild'
import type { BuildOptions, Plugin } from 'esbuild'
import { templateUnit } from './packaging/template-units.ts'
import { createAjv } from './src/config/compiled-schema.ts'
import { editorSchema } from './src/config/editor-schema.ts'
import { configSchema } from './src/config/schema.ts'
import { ownTexts } from './src/page/own-texts.ts'

const { default: standaloneCode } = ajvStandalone

/** How all programs are bundled: the daemon, and in its text the reader process and the schema's thread. */
const bundled = {
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'iife',
  // names are kept: errors and stack traces show them, and keepNames costs more at each start than minifying saves
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none',
} as const satisfies BuildOptions

/** Puts the text of the built-in configuration into the bundle. */
const builtInConfig: Plugin = {
  name: 'built-in-config',
  setup(bundle) {
    bundle.onLoad({ filter: /\/default-config\.ts$/ }, async () => {
      const text = await readFile('config/health-sidecar.yaml', 'utf8')
      return { contents: `export const defaultConfigText = () => ${JSON.stringify(text)}` }
    })
  },
}

/** Puts the style, the script and the manual's words of the status page into the bundle. */
const textsOfPage: Plugin = {
  name: 'texts-of-page',
  setup(bundle) {
    bundle.onLoad({ filter: /\/page\/own-texts\.ts$/ }, async () => {
      const { style, script, reasons } = ownTexts()
      const texts = {
        style: (await transform(style, { loader: 'css', minify: true })).code,
        script: (await transform(script, { minify: true })).code,
        reasons,
      }
      return { contents: `export const ownTexts = () => (${JSON.stringify(texts)})` }
    })
  },
}

/** What is in each program: package.ts adds the licences of the bundled packages. */
const outputs: Record<string, unknown> = {}

/** The text of another program: one for a reader process, or for a thread. */
const programText = async (entry: string): Promise<string> => {
  const { outputFiles, metafile } = await build({
    ...bundled,
    entryPoints: [entry],
    write: false,
    metafile: true,
  })
  outputs[entry] = Object.values(metafile.outputs)[0]
  return JSON.stringify(outputFiles[0]?.text)
}

/** Puts the programs of the reader process and of the schema's thread into the bundle, as texts for Node to run. */
const otherPrograms: Plugin = {
  name: 'other-programs',
  setup(bundle) {
    bundle.onLoad({ filter: /\/files\/reader-program\.ts$/ }, async () => {
      const text = await programText('src/files/reader-main.ts')
      return { contents: `export const readerProgram = () => ['-e', ${text}]` }
    })
    bundle.onLoad({ filter: /\/env\/schema-program\.ts$/ }, async () => {
      const text = await programText('src/checks/env/schema-main.ts')
      return { contents: `export const schemaProgram = () => ({ program: ${text}, isText: true })` }
    })
  },
}

/**
 * Puts the finished and compiled schema of the configuration into the bundle, so that no start has to make it. The code
 * that makes schemas is left out.
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
      const contents = standaloneCode(ajv, { isValid: 'config' })
      return { contents, resolveDir: 'src/config' }
    })
    bundle.onLoad({ filter: /\/src\/schema\/vocabulary\.ts$/ }, () => ({
      contents: `
        const nothing = () => ({ properties: {} })
        export const Type = new Proxy({}, { get: () => nothing })
        export { nothing as Duration, nothing as PositiveDuration, nothing as Size, nothing as Mapping, nothing as Text, nothing as MatcherText }`,
    }))
  },
}

/**
 * Keeps only the parts of undici that are used: requests over HTTP/1.1 without a body, read by the parser that runs on
 * every processor. Replaces two Node modules that are slow to load by the little that undici needs of them.
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

/** Keeps only the kinds of metrics that are used: summaries, clusters and the metrics of the process need other packages. */
const usedOfPrometheus: Plugin = {
  name: 'used-of-prometheus',
  setup(bundle) {
    const lib = '@prometheus-io/client/lib'
    bundle.onResolve({ filter: /^@prometheus-io\/client$/ }, ({ path }) => ({
      path,
      namespace: 'used-of-prometheus',
    }))
    bundle.onLoad({ filter: /./, namespace: 'used-of-prometheus' }, () => ({
      contents: `
        export { default as Counter } from '${lib}/counter.js'
        export { default as Gauge } from '${lib}/gauge.js'
        export { default as Histogram } from '${lib}/histogram.js'
        export { default as Registry } from '${lib}/registry.js'`,
      resolveDir: '.',
    }))
  },
}

/**
 * Loads some of Node's modules at their first use, not with the module that imports them: together they take a tenth of the
 * time of a short command that may need none of them. Names that are imported are looked up through the prototype.
 */
const lateNodeModules: Plugin = {
  name: 'late-node-modules',
  setup(bundle) {
    bundle.onResolve(
      { filter: /^node:(child_process|crypto|fs\/promises|http|tls)$/ },
      ({ path, importer }) =>
        /\/node_modules\//.test(importer) || !importer.startsWith('/')
          ? undefined
          : { path, namespace: 'late-node-modules' },
    )
    bundle.onLoad({ filter: /./, namespace: 'late-node-modules' }, ({ path }) => ({
      contents: `
        const named = { get: (_, name) => require(${JSON.stringify(path)})[name] }
        module.exports = Object.create(new Proxy({}, named))`,
    }))
  },
}

/**
 * Leaves out unused parts: fastify's for routes with schemas, versioned plugins, trusted proxies and injected requests;
 * pino's for logs that worker threads write; commander's for commands that are separate programs.
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

/** An optional output path. With it, nothing else in the repository is written. */
const [place] = process.argv.slice(2)
const outfile = place ?? 'dist/health-sidecar.js'

const { metafile } = await build({
  ...bundled,
  entryPoints: ['src/main.ts'],
  outfile,
  // with this, undici leaves its other parser out, as in Node's own bundle
  define: { esbuildDetection: '1' },
  metafile: true,
  // Node's modules are loaded when the code that needs them runs; imports would load all of them at every start
  // the port: as in packaging/launcher
  banner: { js: '#!/usr/bin/env -S node --inspect-port=192.0.2.1:9229\n(require => {' },
  footer: { js: '})(process.getBuiltinModule)' },
  // native bindings that pg uses if they are installed
  external: ['pg-native', 'pg-cloudflare'],
  plugins: [
    unused,
    usedOfUndici,
    usedOfPrometheus,
    lateNodeModules,
    readySchema,
    builtInConfig,
    textsOfPage,
    otherPrograms,
  ],
})

await writeFile(`${outfile}.meta.json`, JSON.stringify({ outputs: { ...metafile.outputs, ...outputs } }))

if (place === undefined) {
  await writeFile('config/health-sidecar.schema.json', `${JSON.stringify(editorSchema(), null, 2)}\n`)
  for (const type of ['service', 'socket'] as const)
    await writeFile(`systemd/health-sidecar@.${type}`, await templateUnit(type))
}
