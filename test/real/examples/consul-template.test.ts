import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { parse } from 'yaml'
import { parseEnvFile } from '../../../src/env-file/parse-env-file.ts'
import { freePort } from '../../support/free-port.ts'
import { runCommand } from '../../support/run-command.ts'
import { createScratchDirectory } from '../../support/scratch-directory.ts'
import { startSidecar } from '../../support/sidecar.ts'
import { at, lacks, pathOf, readExample, readHcl, runProgram } from './example.ts'

/** What the template makes of these keys below app/env, by the template engine of Go. */
const render = async (keys: Readonly<Record<string, string>>): Promise<string> => {
  await using scratch = await createScratchDirectory('hs-example-')
  const renderer = join(import.meta.dirname, 'render-template.go')
  const go = spawn('go', ['run', renderer, pathOf('consul-template/env-vars.ctmpl')], {
    cwd: scratch.path,
    env: { PATH: process.env['PATH'], GOCACHE: scratch.path, GO111MODULE: 'off' },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  go.stdin.end(JSON.stringify({ 'app/env': keys }))
  return await text(go.stdout)
}

t.test('consul-template › takes the configuration', { skip: lacks('consul-template') }, async t => {
  const config = pathOf('consul-template/consul-template.hcl')
  const { stderr } = await runProgram(['consul-template', '-config', config, '-once', '-dry', '-parse-only'])
  t.equal(stderr, '')
})

t.test('consul-template › writes the file that the sidecar reads, for its group alone', async t => {
  const template = at(await readHcl('consul-template/consul-template.hcl'), 'template')
  t.match(template, {
    source: /\/env-vars\.ctmpl$/,
    error_on_missing_key: true,
    command: 'systemctl try-reload-or-restart app.service',
  })
  t.match(await readExample('consul-template/consul-template.hcl'), /^ {2}perms = 0640$/m)
  const { checks } = parse(await readExample('consul-template/health-sidecar.yaml'))
  const env = checks.find(({ type }: { type: string }) => type === 'env')
  t.strictSame(env.files, [at(template, 'destination')])
})

t.test(
  'consul-template › what the template renders is read back, whatever is in it',
  { skip: lacks('go') },
  async t => {
    const values = {
      API_KEY: `a"b\\c$d\${e}\`f&g#h;i'j`,
      DATABASE_URL: 'postgres://app:p%40ss@db.example.com:5432/app?sslmode=require',
      EMPTY: '',
      SECRET_KEY: ' blanks around ',
      TWO_LINES: '-----BEGIN KEY-----\nline=2\n',
    }
    const rendered = await render(values)
    for (const dialect of ['systemd', 'shell'] as const) {
      const { variables, problems } = parseEnvFile(rendered, dialect)
      t.strictSame(problems, [], dialect)
      const read = [...variables].map(([name, known]) => [name, known.kind === 'known' && known.value])
      t.strictSame(Object.fromEntries(read), values, dialect)
    }
  },
)

t.test('consul-template › the configuration beside it is accepted', async t => {
  const config = pathOf('consul-template/health-sidecar.yaml')
  t.match(await runCommand(['config', '--config', config]), { code: 0, stderr: '' })
})

t.test('consul-template › a bad render keeps a host out at first, and takes none out later', async t => {
  await using scratch = await createScratchDirectory('hs-example-')
  const file = join(scratch.path, 'env-vars')
  const { checks } = parse(await readExample('consul-template/health-sidecar.yaml'))
  const env = checks.find(({ type }: { type: string }) => type === 'env')
  const well = 'SECRET_KEY="s"\nDATABASE_URL="postgres://app@db.example.com/app"\n'
  const ill = 'SECRET_KEY="<no value>"\nDATABASE_URL="postgres://app@db.example.com/app"\n'
  await writeFile(file, ill)
  const cadence = { interval: '200ms', fresh_for: '100ms' }
  await using sidecar = await startSidecar({
    scratch,
    port: await freePort(),
    config: {
      startup: { healthy_threshold: 1 },
      drain: { wait: '0s' },
      // one that goes on, since the example's other checks need an app and a database
      checks: [
        { ...env, files: [file], ...cadence },
        { name: 'always', type: 'env', files: [file], required: ['DATABASE_URL'], ...cadence },
      ],
    },
  })
  const { checks: found } = await sidecar.waitFor(({ checks }) => checks['env']?.[0].status === 'fail')
  t.match(found['env'], [{ reason: 'ENV_VARIABLE_PLACEHOLDER' }])
  t.equal((await sidecar.probe()).status, 503)
  await writeFile(file, well)
  const admitted = await sidecar.waitFor(({ phase }) => phase === 'serving')
  t.equal((await sidecar.probe()).status, 200)
  await writeFile(file, ill)
  const seenAgain = ({ checks: { always } }: typeof admitted) =>
    Date.parse(always?.[0].time ?? '') > Date.parse(admitted.checks['always']?.[0].time ?? '') + 1000
  t.match(await sidecar.waitFor(seenAgain), { phase: 'serving', status: 'pass' })
  t.equal((await sidecar.probe()).status, 200)
})
