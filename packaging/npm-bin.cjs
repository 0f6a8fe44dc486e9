#!/usr/bin/env -S node --inspect-port=192.0.2.1:9229
'use strict'

// The command of the npm package. An older Node cannot even parse the program, so this says first what it needs.
// The port: as in packaging/launcher.
var needed = 24
if (parseInt(process.versions.node, 10) < needed) {
  console.error(
    'health-sidecar: Node ' +
      needed +
      ' or later is needed, and this is Node ' +
      process.versions.node +
      '; install a newer Node, or use the .deb, the .rpm or the tarball, which have their own',
  )
  process.exit(69)
}
// oxlint-disable-next-line import/no-unassigned-import -- it runs the program
require('../dist/health-sidecar.js')
