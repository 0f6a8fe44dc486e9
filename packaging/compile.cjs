'use strict'

// Runs once, when the program is installed. Runs a `check` of an app that does not exist, and keeps for compiled.cjs the code
// that V8 has compiled by then. V8 compiles the other code when it is needed, as usual.

const { renameSync, writeFileSync } = require('node:fs')

Object.assign(process.env, {
  HEALTH_SIDECAR_TARGET: 'http+unix:/nonexistent',
  HEALTH_SIDECAR_ENV_FILE: '/etc/os-release',
  HEALTH_SIDECAR_MANIFEST: '/nonexistent',
})
process.argv[2] = 'check'

const { keep } = require('./compiled.cjs')

process.on('exit', () => {
  const { keptIn, file } = keep()
  writeFileSync(`${keptIn}.new`, file)
  renameSync(`${keptIn}.new`, keptIn)
  process.exitCode = 0
})
