'use strict'

// Run once where the program is installed: keeps for compiled.cjs what V8 has compiled of it by the end of a `check`, of
// an app that is not there. What that has not come by is compiled when it is needed, as ever.

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
