import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parseEnvSchema } from '../../src/checks/env/env-schema.ts'
import { discoverVariables } from '../../src/cli/discover-variables.ts'
import { run } from '../../src/cli/run.ts'

const found = (text: string) =>
  Object.fromEntries(
    discoverVariables([{ path: 'a', text }]).map(({ name, required, type }) => [
      name,
      `${required ? 'required' : 'optional'} ${type}`,
    ]),
  )

t.test('env discover › finds what Python reads, with or without a default', async t => {
  t.strictSame(
    found(`
A = os.environ["A"]
B = os.environ.get('B')
C = os.environ.get("C", "x")
D = os.getenv("D")
E = os.getenv("E", default=f(1, (2)))
F = env("F")
G = env.str("G", default="")
H = env.int(
    "H",
    default=1,
)
I = env.float("I")
J = env.url("J")
K = value_from_env("K")
L = config("L", cast=int)
M = config("M", default=True, cast=bool)
# N = os.environ["N"]
O = os.environ["O"] or "x"
app.config["P"], self.config("Q"), config("lower"), my_env("R")
`),
    {
      A: 'required string',
      B: 'required string',
      C: 'optional string',
      D: 'required string',
      E: 'optional string',
      F: 'required string',
      G: 'optional string',
      H: 'optional integer',
      I: 'required number',
      J: 'required uri',
      K: 'required string',
      L: 'required integer',
      M: 'optional string',
      O: 'optional string',
    },
  )
})

t.test('env discover › finds what JavaScript and Ruby read', async t => {
  t.strictSame(
    found(`
process.env.A; process.env['B']; process.env.C ?? 'x'; process.env.D || 1
// process.env.E
ENV["F"]; ENV.fetch("G"); ENV.fetch("H", "x"); ENV.fetch("I") { 1 }
`),
    {
      A: 'required string',
      B: 'required string',
      C: 'optional string',
      D: 'optional string',
      F: 'required string',
      G: 'required string',
      H: 'optional string',
      I: 'optional string',
    },
  )
})

t.test('env discover › one place without a default makes a name required', async t => {
  t.strictSame(found('os.getenv("A", "x"); os.environ["A"]'), { A: 'required string' })
})

t.test('env discover › prints a schema that the env check takes', async t => {
  const dir = t.testdir()
  for (const folder of ['app', 'node_modules']) mkdirSync(join(dir, folder))
  writeFileSync(join(dir, 'app', 'settings.py'), 'import os\nKEY = os.environ["SECRET_KEY"]\n')
  writeFileSync(join(dir, 'app', 'data.txt'), 'os.environ["NOT_SOURCE"]')
  writeFileSync(join(dir, 'node_modules', 'a.js'), 'process.env.NOT_OURS')
  const printed = { out: '', err: '' }
  const terminal = {
    out: (text: string) => void (printed.out += text),
    err: (text: string) => void (printed.err += text),
    env: {},
  }
  t.equal(await run(['env', 'discover', dir], terminal), 0)
  t.match(JSON.parse(printed.out), {
    required: ['SECRET_KEY'],
    properties: { SECRET_KEY: { type: 'string', description: 'read in app/settings.py:2' } },
  })
  t.match(parseEnvSchema(printed.out), { ok: true, names: ['SECRET_KEY'] })
  t.match(printed.err, 'variables: 1, source files: 1')
  t.equal(await run(['env', 'discover', join(dir, 'none')], terminal), 64)
  t.equal(await run(['env', 'discover', join(dir, 'node_modules', '..', 'node_modules')], terminal), 0)
})
