import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import t from 'tap'
import type { Test } from 'tap'
import type { EnvConfig } from '../../../src/checks/env/config.ts'
import { env } from '../../../src/checks/env/env.ts'
import { folder, gist, messageOf, runEnv } from './run-env.ts'

/** Runs a check over files of the given texts, `env` first. */
const runOver = (
  t: Test,
  texts: Readonly<Record<string, string>>,
  config: (path: (name: string) => string) => Partial<EnvConfig>,
) => {
  const dir = folder(t)
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(dir, name), text)
  const path = (name: string) => join(dir, name)
  return runEnv({ files: [path('env')], ...config(path) })
}

t.test('env › passes when every required name is set, and says what it looked at', async t => {
  const finding = await runOver(t, { env: 'A=1\nB=2\nC=3\n' }, () => ({ required: ['A', 'B'] }))
  t.match(finding, { status: 'pass', evidence: { variables: 3, files: [String] } })
})

t.test('env › reports all that is wrong at once, by name, the most severe first, and no value', async t => {
  const text = 'EMPTY= \nTODO=hunter2 {{ key }}\nPORT=hunter2\nGOOD=hunter2\n'
  const schema = JSON.stringify({ properties: { PORT: { type: 'integer' } }, required: ['PORT', 'GONE_TOO'] })
  const finding = await runOver(t, { env: text, schema }, path => ({
    required: ['GONE', 'EMPTY', 'TODO', 'GOOD'],
    schema: path('schema'),
  }))
  t.match(finding, {
    status: 'fail',
    reason: 'ENV_VARIABLE_MISSING',
    message:
      'missing: GONE, GONE_TOO; empty: EMPTY; a placeholder instead of a value: TODO; invalid: PORT must be integer',
    evidence: {
      missing: ['GONE', 'GONE_TOO'],
      empty: ['EMPTY'],
      placeholder: ['TODO'],
      invalid: { PORT: 'must be integer' },
    },
  })
  t.notMatch(JSON.stringify(finding), 'hunter2')
})

t.test('env › each flaw alone has a reason of its own', async t => {
  const gistOf = async (text: string) => gist(await runOver(t, { env: text }, () => ({ required: ['A'] })))
  t.equal(await gistOf('B=1\n'), 'fail ENV_VARIABLE_MISSING')
  t.equal(await gistOf('A=""\n'), 'fail ENV_VARIABLE_EMPTY')
  t.equal(await gistOf('A=CHANGEME\n'), 'fail ENV_VARIABLE_PLACEHOLDER')
  t.equal(await gistOf('A="open\n'), 'fail ENV_VARIABLE_INVALID')
  t.equal(await gistOf('A=1\nA=2\n'), 'warn ENV_FILE_MALFORMED')
  t.equal(await gistOf('A=1\0\n'), 'fail ENV_FILE_MALFORMED')
  t.equal(await gistOf('# \\\nA=1\n'), 'unknown ENV_VARIABLE_UNKNOWN')
})

t.test(
  'env › what a template or a person leaves behind is a placeholder, unless allowed by name',
  async t => {
    const left = ['<no value>', '<nil>', 'null', 'undefined', 'CHANGEME', 'change-me', 'todo', 'xxx', 'XXXX']
    for (const value of [...left, '${HOST}', '{{ with secret }}', 'postgres://<no value>@db/app']) {
      const files = { env: `A=${value}\n` }
      t.equal(
        gist(await runOver(t, files, () => ({ required: ['A'] }))),
        'fail ENV_VARIABLE_PLACEHOLDER',
        value,
      )
      t.equal(
        gist(await runOver(t, files, () => ({ required: ['A'], allow_placeholder: ['A'] }))),
        'pass',
        value,
      )
    }
    for (const value of ['nullable', 'xx', '$HOST', '{"a":{"b":1}}', 'todos'])
      t.equal(gist(await runOver(t, { env: `A='${value}'\n` }, () => ({ required: ['A'] }))), 'pass', value)
  },
)

t.test('env › an empty value is allowed by name, even where the schema asks for more', async t => {
  const schema = JSON.stringify({ required: ['A'], properties: { A: { type: 'string', minLength: 3 } } })
  const run = (config: Partial<EnvConfig>) =>
    runOver(t, { env: 'A=\n', schema }, path => ({ schema: path('schema'), ...config }))
  t.equal(gist(await run({})), 'fail ENV_VARIABLE_EMPTY')
  t.equal(gist(await run({ allow_empty: ['A'] })), 'pass')
})

t.test(
  'env › a schema asks for types, formats, enums, patterns and lengths, and coerces as env-schema does',
  async t => {
    const schema = JSON.stringify({
      type: 'object',
      required: ['PORT', 'URL', 'LEVEL', 'KEY', 'DEBUG', 'HOSTS', 'DEFAULTED'],
      properties: {
        PORT: { type: 'integer', maximum: 65_535 },
        URL: { type: 'string', format: 'uri' },
        LEVEL: { enum: ['info', 'debug'] },
        KEY: { type: 'string', minLength: 8, pattern: '^[a-z]+$' },
        DEBUG: { type: 'boolean' },
        HOSTS: { type: 'string', separator: ',' },
        DEFAULTED: { type: 'string', default: 'x' },
        OPTIONAL: { type: 'number' },
      },
    })
    const good = 'PORT=8000\nURL=https://a/\nLEVEL=info\nKEY=abcdefgh\nDEBUG=true\nHOSTS=a,b\nOTHER=1\n'
    const run = (env: string) => runOver(t, { env, schema }, path => ({ schema: path('schema') }))
    t.equal(gist(await run(good)), 'pass')
    t.match(await run(`${good}PORT=70000\nURL=:\nLEVEL=x\nKEY=A\nDEBUG=maybe\nOPTIONAL=two\n`), {
      reason: 'ENV_VARIABLE_INVALID',
      evidence: {
        invalid: {
          PORT: 'must be <= 65535',
          URL: 'must match format "uri"',
          LEVEL: 'must be equal to one of the allowed values',
          KEY: String,
          DEBUG: 'must be boolean',
          OPTIONAL: 'must be number',
        },
      },
    })
  },
)

t.test('env › a name that every object of JavaScript has is not there by that', async t => {
  const schema = JSON.stringify({ required: ['constructor'], properties: { toString: { type: 'string' } } })
  const finding = await runOver(t, { env: 'A=1\n', schema }, path => ({ schema: path('schema') }))
  t.match(finding, { reason: 'ENV_VARIABLE_MISSING', evidence: { missing: ['constructor'] } })
})

t.test('env › a schema that cannot be used is unknown and says why', async t => {
  const run = async (schema: string) => {
    const finding = await runOver(t, { env: 'A=1\n', schema }, path => ({ schema: path('schema') }))
    t.equal(gist(finding), 'unknown ENV_SCHEMA_UNREADABLE')
    return messageOf(finding)
  }
  t.match(await run('{ "A": hunter2'), 'is not a JSON object')
  t.match(await run('{}'), 'declares no variable')
  t.match(await run('{"required":["A"],"$async":true}'), '$async')
  t.match(await run('{"properties":{"A":{"type":"strnig"}}}'), 'cannot be compiled')
  t.match(await run('{"properties":{"A":{"type":"string","format":"no-such"}}}'), 'no-such')
  const gone = await runOver(t, { env: 'A=1\n' }, path => ({ schema: path('schema') }))
  t.equal(gist(gone), 'unknown ENV_SCHEMA_UNREADABLE')
  t.match(gone.evidence, { path: /schema$/ })
  const bad = await runOver(t, { env: 'A=1\n', schema: '{}' }, path => ({ schema: path('schema') }))
  t.match(bad.evidence, { path: /schema$/ })
})

t.test('env › every name of an example file is required', async t => {
  const run = (env: string, example: string) =>
    runOver(t, { env, example }, path => ({ example: path('example') }))
  t.equal(gist(await run('A=1\nB=2\n', '# the key\nA=your-key\nexport B=\n#C=optional\n')), 'pass')
  t.match(await run('A=1\n', 'A=\nB=\n'), { reason: 'ENV_VARIABLE_MISSING', evidence: { missing: ['B'] } })
  const nothing = await run('A=1\n', '# nothing\n')
  t.match(nothing, { reason: 'ENV_SCHEMA_UNREADABLE', evidence: { path: /example$/ } })
  t.match(messageOf(nothing), /example declares no variable; add some/)
  const gone = await runOver(t, { env: 'A=1\n' }, path => ({ example: path('example') }))
  t.match(gone, { reason: 'ENV_SCHEMA_UNREADABLE', evidence: { path: /example$/ } })
})

t.test('env › a later file overrides an earlier one; one that is optional may be absent', async t => {
  const files =
    (...names: string[]) =>
    async (texts: Record<string, string>) =>
      gist(
        await runOver(t, texts, path => ({
          files: names.map(name => ({ path: path(name.replace('?', '')), optional: name.endsWith('?') })),
          required: ['A'],
        })),
      )
  t.equal(await files('one', 'two')({ one: 'A=1\n', two: 'A=\n' }), 'fail ENV_VARIABLE_EMPTY')
  t.equal(await files('one', 'two')({ one: 'A=\n', two: 'A=1\n' }), 'pass')
  t.equal(await files('one', 'two?')({ one: 'A=1\n' }), 'pass')
  t.equal(await files('one?')({}), 'fail ENV_VARIABLE_MISSING')
  t.equal(await files('one', 'two')({ one: 'A=1\n' }), 'fail ENV_FILE_MISSING')
})

t.test('env › the format of a file decides what it means', async t => {
  const run = (format: 'systemd' | 'dotenv') =>
    runOver(t, { env: 'export A=1\n' }, path => ({ files: [{ path: path('env'), format }], required: ['A'] }))
  t.equal(gist(await run('dotenv')), 'pass')
  t.match(
    messageOf(await run('systemd')),
    /missing: A \(.*env:1: systemd drops a line that begins with export/,
  )
})

t.test('env › a line of a file is never quoted: what spills over may be a secret', async t => {
  const text = 'KEY=-----BEGIN\nhunter2hunter2==\nhunter2\nA=1\n'
  const finding = await runOver(t, { env: text }, () => ({ required: ['A'] }))
  t.equal(gist(finding), 'warn ENV_FILE_MALFORMED')
  t.notMatch(JSON.stringify(finding), 'hunter2')
})

t.test('env › the configuration must give something to ask for', async t => {
  const validate = new Ajv({ allErrors: true }).compile(env.schema)
  t.notOk(validate({ files: ['/a'] }))
  t.notOk(validate({ files: ['/a'], required: [] }))
  t.notOk(validate({ files: [], required: ['A'] }))
  t.notOk(validate({ files: [{ path: '/a', format: 'ini' }], required: ['A'] }))
  t.ok(validate({ files: ['/a', { path: '/b', format: 'docker', optional: true }], required: ['A'] }))
  t.ok(validate({ files: ['/a'], example: '/b' }))
})

t.test('env › in a shell file, what only a shell can tell is unknown, and never missing', async t => {
  const run = (env: string, format: 'shell' | 'systemd' = 'shell') =>
    runOver(t, { one: 'A=1\n', env }, path => ({
      files: [path('one'), { path: path('env'), format }],
      required: ['A', 'B'],
    }))
  t.equal(gist(await run('export B=1\n')), 'pass')
  t.match(await run('B=1\n'), { reason: 'ENV_VARIABLE_NOT_EXPORTED', evidence: { notExported: ['B'] } })
  t.match(
    messageOf(await run('export B=$(cat /key)\n')),
    /^not known: B \(line 1: it is the output of a command\)/,
  )
  t.match(await run('. /etc/other\n'), {
    status: 'unknown',
    reason: 'ENV_VARIABLE_UNKNOWN',
    evidence: { unknown: ['A', 'B'] },
  })
  t.equal(gist(await run('C=<no value>\nexport B=1\n')), 'fail ENV_VARIABLE_MISSING')
  t.match(messageOf(await run('C=<no value>\nexport B=1\n')), /missing: B \(.*env:1: an unquoted </)
})

t.test(
  'env › what systemd or docker takes literally is a warning with line and cause, and no value',
  async t => {
    const run = (text: string, format: 'systemd' | 'docker') =>
      runOver(t, { env: text }, path => ({ files: [{ path: path('env'), format }], required: ['PORT'] }))
    const commented = await run('PORT=hunter2 # web port\n', 'systemd')
    t.equal(gist(commented), 'warn ENV_FILE_MALFORMED')
    t.match(messageOf(commented), /env:1: systemd keeps the # and what follows as part of the value; move/)
    const quoted = await run('A=1\nPORT="hunter2"\n', 'docker')
    t.match(messageOf(quoted), /env:2: docker keeps the quotes as part of the value; remove them/)
    t.notMatch(JSON.stringify([commented, quoted]), /hunter2|web port/)
  },
)
