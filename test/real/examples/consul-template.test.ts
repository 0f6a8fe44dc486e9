import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { parse } from 'yaml'
import { parseEnvFile } from '../../../src/env-file/parse-env-file.ts'
import { runCommand } from '../../support/run-command.ts'
import { createScratchDirectory } from '../../support/scratch-directory.ts'
import { holdThroughBadRender } from './bad-render.ts'
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
  const render = (key: string) => `SECRET_KEY="${key}"\nDATABASE_URL="postgres://app@db.example.com/app"\n`
  await holdThroughBadRender(t, await readExample('consul-template/health-sidecar.yaml'), {
    well: render('s'),
    ill: render('<no value>'),
  })
})
