'use strict'

// Runs once, when the program is installed. Runs a `check` of an app and a database that are acted here, and keeps for
// compiled.cjs the code that V8 has compiled by then. V8 compiles the other code when it is needed, as usual.

const { createHmac, pbkdf2Sync } = require('node:crypto')
const { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } = require('node:fs')
const { createServer: createApp } = require('node:http')
const { createServer } = require('node:net')
const { tmpdir } = require('node:os')

const PASSWORD = 'nobody-logs-in-with-it'
const MIGRATION = '0001_initial'

/** A message of Postgres's protocol. */
const message = (letter, body = '') => {
  const bytes = Buffer.from(`${letter}0000${body}`, 'latin1')
  bytes.writeInt32BE(bytes.length - 1, 1)
  return bytes
}
const int32 = number =>
  String.fromCharCode(number >> 24, (number >> 16) & 255, (number >> 8) & 255, number & 255)
const READY = message('Z', 'I')
const PARSE = 'P'.charCodeAt(0)
const GOODBYE = 'X'.charCodeAt(0)

/** The rows that the queries of a check get, by what only one of them asks for: one row each. */
const rows = {
  server_version: { version: '18.0', standby: 'f' },
  to_regclass: { present: 't' },
  django_migrations: { app: 'a', name: MIGRATION, standby: 'f' },
}
const BOOLEAN = int32(16)
const TEXT = int32(25)

/** What Postgres sends for a query, or for a statement of it. */
const answer = query => {
  const asked = Object.keys(rows).find(words => query.includes(words))
  if (asked === undefined) return [message('C', 'OK\0')]
  const columns = Object.entries(rows[asked])
  const described = columns.map(([name, value]) => {
    const type = /^[tf]$/.test(value) ? BOOLEAN : TEXT
    return `${name}\0${int32(0)}\0\0${type}\xff\xff${int32(-1)}\0\0`
  })
  const values = columns.map(([, value]) => int32(value.length) + value)
  const count = `\0${String.fromCharCode(columns.length)}`
  return [
    message('T', count + described.join('')),
    message('D', count + values.join('')),
    message('C', 'SELECT 1\0'),
  ]
}

const hmac = (key, text) => createHmac('sha256', key).update(text).digest()

/** The server's side of a login by SCRAM-SHA-256 (RFC 5802), with the least possible work. */
const createLogin = () => {
  let first = ''
  let challenge = ''
  return {
    challenge(initial) {
      first = initial.slice(initial.indexOf('n=', initial.indexOf(',,')))
      challenge = `r=${/r=([^,]+)/.exec(first)[1]}x,s=eA==,i=1`
      return challenge
    },
    signature(final) {
      const serverKey = hmac(pbkdf2Sync(PASSWORD, 'x', 1, 32, 'sha256'), 'Server Key')
      const exchanged = [first, challenge, final.slice(0, final.lastIndexOf(',p='))].join()
      return `v=${hmac(serverKey, exchanged).toString('base64')}`
    },
  }
}

const postgres = createServer(socket => {
  const login = createLogin()
  const steps = [
    () => [message('R', `${int32(10)}SCRAM-SHA-256\0\0`)],
    body => [message('R', int32(11) + login.challenge(body))],
    body => [message('R', int32(12) + login.signature(body)), message('R', int32(0)), READY],
  ]
  // a check that timed out goes without a goodbye
  socket.on('error', () => {})
  // what a check sends arrives in one piece
  socket.on('data', data => {
    const body = data.subarray(5).toString('latin1')
    const step = steps.shift()
    if (step) socket.write(Buffer.concat(step(body)))
    else if (data[0] === GOODBYE) socket.end()
    else if (data[0] === PARSE)
      socket.write(Buffer.concat([message('1'), message('2'), ...answer(body), READY]))
    else socket.write(Buffer.concat([...body.split(';').flatMap(answer), READY]))
  })
})

const directory = mkdtempSync(`${tmpdir()}/health-sidecar-`)
postgres.listen(`${directory}/.s.PGSQL.5432`).unref()
createApp((_request, response) => response.end('Welcome'))
  .listen(`${directory}/app`)
  .unref()
mkdirSync(`${directory}/migrations`)
writeFileSync(`${directory}/migrations/__init__.py`, '')
writeFileSync(
  `${directory}/migrations/${MIGRATION}.py`,
  'from django.db import migrations\n\n\nclass Migration(migrations.Migration):\n    dependencies = []\n',
)
const env = `${directory}/env`
writeFileSync(env, `DATABASE_URL=postgres://app:${PASSWORD}@/app?host=${encodeURIComponent(directory)}\n`)
const database = { env_file: env, variable: 'DATABASE_URL' }
const checks = [
  { name: 'page', type: 'smoke', target: `http+unix:${directory}/app`, expect: { body: 'Welcome' } },
  {
    name: 'migrations',
    type: 'migrations',
    tool: 'django',
    database,
    apps: { a: `${directory}/migrations` },
  },
  { name: 'env', type: 'env', files: [env], required: ['DATABASE_URL'] },
  { name: 'database', type: 'postgres', database },
]
const config = `${directory}/config.yaml`
// a busy or emulated machine needs longer than a check may take in service
const slow = { interval: '1m', timeout: '30s' }
writeFileSync(config, JSON.stringify({ checks: checks.map(check => ({ ...check, ...slow })) }, null, 2))
process.argv.splice(2, Infinity, 'check', '--config', config)

const { keep } = require('./compiled.cjs')

process.on('exit', () => {
  rmSync(directory, { recursive: true, force: true })
  const { keptIn, file } = keep()
  writeFileSync(`${keptIn}.new`, file)
  renameSync(`${keptIn}.new`, keptIn)
  process.exitCode = 0
})
