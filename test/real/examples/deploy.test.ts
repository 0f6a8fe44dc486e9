import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { parse, stringify } from 'yaml'
import { freePort } from '../../support/free-port.ts'
import { MAIN } from '../../support/run-command.ts'
import { createScratchDirectory } from '../../support/scratch-directory.ts'
import { startSidecar } from '../../support/sidecar.ts'
import { lacks, makePrograms, pathOf, readExample, replaceAll, runProgram } from './example.ts'

/** The real daemon on a host that serves release `v1`, and `health-sidecar` on the path. */
const serving = async (t: Test) => {
  const scratch = await createScratchDirectory('hs-deploy-')
  t.teardown(() => scratch[Symbol.asyncDispose]())
  const [env, release] = [join(scratch.path, 'env-vars'), join(scratch.path, 'RELEASE')]
  await writeFile(env, 'A=1\n')
  await writeFile(release, 'v1\n')
  const check = {
    name: 'env',
    type: 'env',
    files: [env],
    required: ['A'],
    interval: '200ms',
    fresh_for: '50ms',
  }
  const sidecar = await startSidecar({
    scratch,
    port: await freePort(),
    config: {
      release: `file:${release}`,
      startup: { healthy_threshold: 1 },
      drain: { wait: '0s' },
      checks: [check],
    },
  })
  t.teardown(() => sidecar.stop())
  await sidecar.waitFor(({ phase }) => phase === 'serving')
  const bin = join(scratch.path, 'bin')
  await makePrograms(bin, {
    'health-sidecar': `exec ${process.execPath} ${MAIN} "$@" --config ${sidecar.configFile}`,
    'install-release': `echo "$1" >${release}; [ "$1" != broken ] || echo A= >${env}`,
  })
  const path = { PATH: `${bin}:${process.env['PATH']}`, HOME: scratch.path, LC_ALL: 'C.UTF-8' }
  return { scratch, sidecar, release, env, bin, path }
}

interface Hook {
  readonly location: string
  readonly timeout: number
  readonly runas: string
}

t.test('codedeploy › the appspec is one for hosts, and gives the script more time than it takes', async t => {
  const spec = parse(await readExample('codedeploy/appspec.yml'))
  t.match(spec, { version: 0, os: 'linux', files: [{ source: '/', destination: '/srv/app' }] })
  const events = new Set([
    'ApplicationStop',
    'BeforeInstall',
    'AfterInstall',
    'ApplicationStart',
    'ValidateService',
  ])
  t.strictSame(
    Object.keys(spec.hooks).filter(name => !events.has(name)),
    [],
  )
  const [hook] = spec.hooks.ValidateService as readonly Hook[]
  t.match(hook, { location: 'deploy/validate-service', runas: 'root' })
  const minutes = /--timeout (\d+)m/.exec(await readExample('codedeploy/validate-service'))?.[1]
  t.ok((hook?.timeout ?? 0) > Number(minutes) * 60)
  t.ok((hook?.timeout ?? 0) <= 3600, 'an event has an hour')
})

t.test('codedeploy › validate-service is sound shell', { skip: lacks('shellcheck') }, async t => {
  const found = await runProgram(['shellcheck', pathOf('codedeploy/validate-service')])
  t.strictSame(found, { code: 0, stdout: '', stderr: '' })
})

t.test('codedeploy › validate-service: 0 if this release serves, else 1 with the reason', async t => {
  const { scratch, sidecar, release, env, path } = await serving(t)
  const script = replaceAll(await readExample('codedeploy/validate-service'), {
    '/srv/app/RELEASE': release,
    '--timeout 5m': '--timeout 3s',
  })
  const file = join(scratch.path, 'validate-service')
  await writeFile(file, script)
  const validate = () => runProgram(['sh', file], { env: path })
  t.match(await validate(), { code: 0, stdout: / reached: serving\n$/ })

  await writeFile(env, 'A=\n')
  await sidecar.waitFor(({ status }) => status === 'fail')
  t.match(await validate(), {
    code: 1,
    stdout: /not reached: failing.*\n.*FAILING {2}503[^]*ENV_VARIABLE_EMPTY/,
  })

  await writeFile(env, 'A=1\n')
  await sidecar.waitFor(({ status }) => status === 'pass')
  const other = script.replace(/^release=.*$/m, 'release=v2')
  await writeFile(file, other)
  t.match(await validate(), { code: 1, stdout: /not reached: serving release v1, not v2/ })

  await sidecar.stop()
  t.match(await validate(), { code: 1, stdout: /not reached: no status: no daemon answers/ })
})

t.test(
  'ansible › its tasks take a host out, install, put it back, and wait',
  { skip: lacks('ansible-playbook') },
  async t => {
    const { scratch, sidecar, bin, path } = await serving(t)
    const playbook = join(scratch.path, 'play.yaml')
    const vars = { notices: 0, install: join(bin, 'install-release') }
    await writeFile(
      playbook,
      stringify([
        {
          hosts: 'localhost',
          gather_facts: false,
          tasks: [{ 'ansible.builtin.include_tasks': pathOf('ansible/deploy.yaml'), vars }],
        },
      ]),
    )
    const play = (...args: readonly string[]) =>
      runProgram(
        ['ansible-playbook', '--inventory', 'localhost,', '--connection', 'local', ...args, playbook],
        {
          env: { ...path, ANSIBLE_LOCAL_TEMP: scratch.path, ANSIBLE_REMOTE_TEMP: scratch.path },
        },
      )
    t.match(await play('--syntax-check', '-e', 'release=v2'), { code: 0 })
    t.match(await play('-e', 'release=v2'), { code: 0, stdout: /failed=0/ })
    t.match(await sidecar.status(), { phase: 'serving', releaseId: 'v2' })
    t.match(await sidecar.log(), /"event":"drain.started".*"reason":"deploy v2"/)

    const broken = await play('-e', 'release=broken')
    t.match(broken, { code: 2, stdout: /not reached: starting[^]*ENV_VARIABLE_EMPTY/ })
    t.match(await sidecar.probe(), { status: 503 })
  },
)
