import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { parse, stringify } from 'yaml'
import { freePort } from '../../support/free-port.ts'
import { httpRequest } from '../../support/http-request.ts'
import { createScratchDirectory } from '../../support/scratch-directory.ts'
import { startInProcess } from '../../support/start-daemon.ts'
import { lacks, pathOf, readExample, runProgram } from '../examples/example.ts'

const skip = lacks('promtool')
const RULES = ['recording-rules.yaml', 'alert-rules.yaml'].map(name => pathOf(`prometheus/${name}`))

interface Tests {
  readonly tests: readonly {
    readonly promql_expr_test: readonly { readonly exp_samples: readonly { readonly labels: string }[] }[]
  }[]
}

t.test('prometheus › promtool accepts the rules', { skip }, async t => {
  const checked = await runProgram(['promtool', 'check', 'rules', '--lint=all', '--lint-fatal', ...RULES])
  t.match(checked, { code: 0, stderr: '' })
})

t.test('prometheus › every alert fires when it should, alone, and not before', { skip }, async t => {
  const file = join(import.meta.dirname, 'rules.yaml')
  const { code, stdout, stderr } = await runProgram(['promtool', 'test', 'rules', file])
  t.equal(code, 0, stdout + stderr)
})

t.test('prometheus › no alert is without a test in which it fires', async t => {
  const alerts = (await readExample('prometheus/alert-rules.yaml')).matchAll(/^ +- alert: (\w+)$/gm)
  const { tests }: Tests = parse(await readExample('../test/real/prometheus/rules.yaml'))
  const fires = tests.flatMap(({ promql_expr_test: all }) =>
    all.flatMap(({ exp_samples: samples }) =>
      samples.map(({ labels }) => /alertname="(\w+)"/.exec(labels)?.[1] ?? ''),
    ),
  )
  t.strictSame([...new Set(fires)].sort(), Array.from(alerts, ([, name = '']) => name).sort())
})

for (const name of ['scrape-ec2.yaml', 'scrape-consul.yaml'])
  t.test(`prometheus › promtool accepts ${name}`, { skip }, async t => {
    await using scratch = await createScratchDirectory('hs-prometheus-')
    // Debian's Prometheus has no discovery by Consul: its place is taken, and all else is checked
    const text = await readExample(`prometheus/${name}`)
    const config = parse(text)
    for (const job of config.scrape_configs) {
      if (!job.consul_sd_configs) continue
      t.strictSame(job.consul_sd_configs, [{ server: '127.0.0.1:8500', services: ['app'] }])
      delete job.consul_sd_configs
      job.static_configs = [{ targets: ['127.0.0.1:9180'] }]
    }
    await writeFile(join(scratch.path, name), stringify(config))
    for (const rules of ['recording-rules.yaml', 'alert-rules.yaml'])
      await writeFile(join(scratch.path, rules), await readExample(`prometheus/${rules}`))
    const checked = await runProgram(['promtool', 'check', 'config', join(scratch.path, name)])
    t.equal(checked.code, 0, checked.stdout + checked.stderr)
    t.match(checked.stdout, /2 rule files found/)
  })

t.test('prometheus › promtool check metrics is silent about a scrape', { skip }, async t => {
  const adminPort = await freePort()
  const { starting, port, directory } = await startInProcess(t, {
    release: 'a"b\\c',
    admin: { socket: '/proc/nonexistent/x', listen: `127.0.0.1:${adminPort}` },
  })
  await starting
  await httpRequest({ host: '127.0.0.1', port, path: '/health' })
  const { body } = await httpRequest({ host: '127.0.0.1', port: adminPort, path: '/metrics' })
  const file = join(directory, 'scrape')
  await writeFile(file, body)
  t.strictSame(await runProgram(['sh', '-c', 'promtool check metrics < "$0"', file]), {
    code: 0,
    stdout: '',
    stderr: '',
  })
})
