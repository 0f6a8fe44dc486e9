import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { utimesSync, writeFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { stringify } from 'yaml'
import { MAIN } from '../support/run-command.ts'
import { createScratchDirectory } from '../support/scratch-directory.ts'

/** A host with just written files, and the output of a command of the program on it. */
const createHost = async (t: Test) => {
  const scratch = await createScratchDirectory('health-sidecar-settling-')
  t.teardown(() => scratch[Symbol.asyncDispose]())
  const at = (name: string): string => join(scratch.path, name)
  const write = (name: string, text: string) => writeFile(at(name), text)
  return {
    at,
    write,
    /**
     * `later` is what is written once the command has looked and waits. Until then these files have changed a moment ago,
     * however long the command takes to start.
     */
    async run(
      args: readonly string[],
      config: object,
      { later = {}, until = /looking again/ }: { readonly later?: Files; readonly until?: RegExp } = {},
    ) {
      await write('config.yaml', stringify(config))
      const child = spawn(process.execPath, [MAIN, ...args, '--config', at('config.yaml')], { env: {} })
      const printed = { stdout: '', stderr: '' }
      let left = Object.entries(later)
      const touch = (): void => {
        const now = Date.now() / 1000
        for (const [file] of left) utimesSync(at(file), now, now)
      }
      touch()
      const touching = setInterval(touch, 100)
      for (const name of ['stdout', 'stderr'] as const)
        child[name].setEncoding('utf8').on('data', (text: string) => {
          printed[name] += text
          if (!until.test(printed[name])) return
          for (const [file, whole] of left) writeFileSync(at(file), whole)
          left = []
        })
      const [code] = await once(child, 'close')
      clearInterval(touching)
      return { code, ...printed }
    },
  }
}

type Files = Readonly<Record<string, string>>
type Host = Awaited<ReturnType<typeof createHost>>

const env = ({ at }: Host, more: object = {}) => ({
  name: 'env',
  type: 'env',
  files: [at('env')],
  required: ['A', 'B'],
  ...more,
})

t.test('check › waits until a file has settled that lacks something, and only then says so', async t => {
  const host = await createHost(t)
  await host.write('env', 'A=1\n')
  t.match(await host.run(['check'], { checks: [env(host)] }), { code: 2, stdout: 'ENV_VARIABLE_MISSING' })
})

t.test('check › looks at a file again that was being written', async t => {
  const host = await createHost(t)
  await host.write('env', 'A=1\n')
  const later = { env: 'A=1\nB=2\n' }
  t.match(await host.run(['check'], { checks: [env(host)] }, { later }), {
    code: 0,
    stderr: /^(a file changed a moment ago and may not be complete; looking again once it has settled\n)+$/,
  })
})

t.test('check › looks at it again on a host that is so busy that a look takes seconds', async t => {
  const host = await createHost(t)
  await host.write('env', 'A=1\n')
  const slow = { name: 'slow', type: 'command', command: ['/bin/sleep', '3.5'], timeout: '1m' }
  const checks = [env(host), slow]
  t.match(await host.run(['check'], { checks }, { later: { env: 'A=1\nB=2\n' } }), { code: 0 })
})

t.test('check › a file that was not there a moment ago, and never comes', async t => {
  const host = await createHost(t)
  t.match(await host.run(['check'], { checks: [env(host)] }), { code: 2, stdout: 'ENV_FILE_MISSING' })
})

t.test('check › a schema, a manifest and a release that are being written', async t => {
  const whole = JSON.stringify({ type: 'object', required: ['A'], properties: { A: { type: 'string' } } })
  await t.test('a schema', async t => {
    const host = await createHost(t)
    await host.write('env', 'A=1\n')
    await host.write('schema.json', whole.slice(0, 20))
    const checks = [env(host, { required: ['A'], schema: host.at('schema.json') })]
    t.match(await host.run(['check'], { checks }, { later: { 'schema.json': whole } }), { code: 0 })
  })

  await t.test('a manifest: what it says is asked of the database afterwards', async t => {
    const host = await createHost(t)
    const manifest = JSON.stringify({
      format: 'health-sidecar/django-migrations/1',
      django: '5.2.1',
      apps: { shop: { directories: ['shop'], migrations: { '0001': [] } } },
    })
    await mkdir(host.at('shop'))
    await host.write('manifest.json', manifest.slice(0, 30))
    const checks = [
      {
        name: 'migrations',
        type: 'migrations',
        tool: 'django',
        database: 'postgres://nobody@127.0.0.1:1/none',
        manifest: host.at('manifest.json'),
      },
    ]
    t.match(await host.run(['check'], { checks }, { later: { 'manifest.json': manifest } }), {
      code: 2,
      stdout: 'MIGRATIONS_MANIFEST_STALE',
    })
  })

  await t.test('a release', async t => {
    const host = await createHost(t)
    await host.write('env', 'A=1\n')
    await host.write('RELEASE', '')
    const checks = [env(host, { required: ['A'] })]
    const config = { release: `file:${host.at('RELEASE')}`, checks }
    const { code, stdout } = await host.run(['check', '--json'], config, { later: { RELEASE: 'v1\n' } })
    t.equal(code, 0)
    t.match(JSON.parse(stdout), { releaseId: 'v1' })
  })
})

t.test('check › a file that never settles is given up', async t => {
  const host = await createHost(t)
  await host.write('env', 'A=1\n')
  const timer = setInterval(() => void host.write('env', 'A=1\n'), 100)
  t.teardown(() => clearInterval(timer))
  t.match(await host.run(['check'], { checks: [env(host)] }), { stdout: /B/, code: Number })
})

t.test('wait --no-daemon › a file that is being written is no proof', async t => {
  const host = await createHost(t)
  await host.write('env', 'A=1\n')
  const config = {
    startup: { healthy_threshold: 1 },
    checks: [env(host)],
  }
  const waiting = { later: { env: 'A=1\nB=2\n' }, until: /ENV_VARIABLE_MISSING/ }
  t.match(await host.run(['wait', '--no-daemon', '--fail-fast', '--timeout', '30s'], config, waiting), {
    code: 0,
  })
})
