import { spawn } from 'node:child_process'
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Deployment } from 'kubernetes-models/apps/v1'
import { ConfigMap, Secret, Service } from 'kubernetes-models/v1'
import type { IContainer } from 'kubernetes-models/v1'
import t from 'tap'
import { parse, parseAllDocuments } from 'yaml'
import { freePort } from '../../support/free-port.ts'
import { httpRequest } from '../../support/http-request.ts'
import { startPostgres } from '../../support/postgres.ts'
import { runCommand } from '../../support/run-command.ts'
import { createScratchDirectory } from '../../support/scratch-directory.ts'
import { createDjangoHost } from '../acceptance/django-host.ts'
import { holdThroughBadRender } from './bad-render.ts'
import { lacks, pathOf, readExample, replaceAll, runProgram } from './example.ts'

const documents = parseAllDocuments(await readExample('kubernetes/app.yaml')).map(document => document.toJS())
const [secret, configMap, deployment, service] = documents as [Secret, ConfigMap, Deployment, Service]
const pod = deployment.spec?.template.spec
const containers = pod?.containers ?? []
const sidecar = containers.find(({ name }) => name === 'health-sidecar') as IContainer
const app = containers.find(({ name }) => name === 'app') as IContainer
const config = configMap.data?.['health-sidecar.yaml'] ?? ''

t.test("kubernetes › is valid by the API's schemas", async t => {
  for (const [document, Kind] of [
    [secret, Secret],
    [configMap, ConfigMap],
    [deployment, Deployment],
    [service, Service],
  ] as const)
    t.doesNotThrow(() => new Kind(document as never).validate(), document.kind)
})

t.test('kubernetes › has no field that the API does not know', async t => {
  const source = [
    "import type { IDeployment } from 'kubernetes-models/apps/v1'",
    "import type { IConfigMap, ISecret, IService } from 'kubernetes-models/v1'",
    ...documents.map(
      (document, i) => `export const d${i} = ${JSON.stringify(document)} satisfies I${document.kind}`,
    ),
  ].join('\n')
  const compile = (text: string) => {
    const file = join(t.testdir({ 'app.ts': text }), 'app.ts')
    const strict = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--ignoreConfig']
    // tap has every child process load its hooks, which this one cannot
    return runProgram(['env', '-u', 'NODE_OPTIONS', 'tsc', ...strict, file])
  }
  t.strictSame(await compile(source), { code: 0, stdout: '', stderr: '' })
  t.match(await compile(source.replace('"failureThreshold"', '"failureTreshold"')), {
    stdout: /failureTreshold/,
  })
})

t.test(
  'kubernetes › every container is as restricted as can be, and the sidecar is the user of its image',
  async t => {
    t.match(pod?.securityContext, { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } })
    const all = [...containers, ...(pod?.initContainers ?? [])]
    t.equal(all.length, 3)
    for (const { name, securityContext } of all)
      t.match(
        securityContext,
        { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
        name,
      )
    const uid = Number(/^ARG UID=(\d+)$/m.exec(await readFile(pathOf('../Dockerfile'), 'utf8'))?.[1])
    t.strictSame([sidecar.securityContext?.runAsUser, pod?.securityContext?.fsGroup], [uid, uid])
  },
)

t.test('kubernetes › what is read-only has a volume where it writes', async t => {
  const writes = ({ volumeMounts = [] }: IContainer) =>
    volumeMounts.filter(({ readOnly }) => !readOnly).map(({ mountPath }) => mountPath)
  t.strictSame(writes(app), ['/run/app', '/tmp'])
  t.strictSame(writes(sidecar), ['/run/health-sidecar'])
  const mounted = [...containers, ...(pod?.initContainers ?? [])].flatMap(({ volumeMounts = [] }) =>
    volumeMounts.map(({ name }) => name),
  )
  t.strictSame([...new Set(mounted)].sort(), pod?.volumes?.map(({ name }) => name).sort())
})

t.test('kubernetes › the probes wait for the answer, and the pod for the drain', async t => {
  const { code, stdout } = await checkConfig()
  t.equal(code, 0)
  const seconds = (key: string) => Number(new RegExp(`^ *${key}: (\\d+)s$`, 'm').exec(stdout)?.[1])
  const { readinessProbe, livenessProbe } = sidecar
  t.match(readinessProbe, { httpGet: { path: '/health', port: 'health' } })
  t.match(livenessProbe, { httpGet: { path: '/health/live', port: 'health' } })
  t.match(sidecar.ports, [{ name: 'health', containerPort: Number(parse(stdout).listen.split(':')[1]) }])
  t.ok(Number(readinessProbe?.timeoutSeconds) > seconds('deadline'))
  const noticed = Number(readinessProbe?.periodSeconds) * Number(readinessProbe?.failureThreshold)
  t.ok(noticed < seconds('wait'), 'it is known to be draining before it closes')
  const goesOn = Number(app.lifecycle?.preStop?.exec?.command?.[1])
  t.ok(goesOn > seconds('wait') && goesOn < Number(pod?.terminationGracePeriodSeconds))
})

/** `health-sidecar config` of what the ConfigMap holds. */
async function checkConfig() {
  await using scratch = await createScratchDirectory('hs-example-')
  const file = join(scratch.path, 'health-sidecar.yaml')
  await writeFile(file, config)
  return await runCommand(['config', '--config', file], { env: { RELEASE: '2026.11.3' } })
}

t.test('kubernetes › a bad Secret keeps a pod out at first, and takes none out later', async t => {
  // as the kubelet writes it anew in every pod that runs, once somebody has applied it
  const well = replaceAll(secret.stringData?.['env-vars'] ?? '', { CHANGEME: 'a-key' })
  const ill = replaceAll(well, { "SECRET_KEY='a-key'": "SECRET_KEY='CHANGEME'" })
  await holdThroughBadRender(t, config, { well, ill })
})

t.test(
  'kubernetes › the commands of the containers and the configuration work together, on a real app',
  { skip: lacks('gunicorn', 'django-admin') },
  async t => {
    await using postgres = await startPostgres()
    await using host = await createDjangoHost(postgres)
    await host.writeManifest()
    await host.manage('migrate')
    await using scratch = await createScratchDirectory('hs-example-')
    // what each volume and the app's image are at, outside a pod
    const [image, application, run, copy] = ['image', 'application', 'run', 'copy'].map(name =>
      join(scratch.path, name),
    ) as [string, string, string, string]
    await cp(host.release, image, { recursive: true })
    for (const directory of [application, run, copy]) await mkdir(directory)
    const port = await freePort()
    await writeFile(
      join(application, 'env-vars'),
      replaceAll(secret.stringData?.['env-vars'] ?? '', {
        'postgres://app:CHANGEME@postgres.example.com:5432/app': postgres.url({ database: host.database }),
      }),
    )
    const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', PYTHONDONTWRITEBYTECODE: '1' }

    const [, , copies = ''] = pod?.initContainers?.[0]?.command ?? []
    const places = { '/srv/app': image, '/release': copy }
    t.match(await runProgram(['sh', '-c', replaceAll(copies, places)], { env }), { code: 0, stderr: '' })

    const [, , starts = ''] = app.command ?? []
    const where = {
      '/etc/application': application,
      '/run/app': run,
      '0.0.0.0:8000': `127.0.0.1:${port}`,
    }
    const running = spawn('sh', ['-c', replaceAll(starts, where)], {
      cwd: image,
      env,
      stdio: 'ignore',
    })
    scratch.adopt(running)
    const isServing = () =>
      httpRequest({ host: '127.0.0.1', port, path: '/' }).then(
        ({ status }) => status === 200,
        () => false,
      )
    for (let tries = 0; tries < 200 && !(await isServing()); tries++) await delay(50)

    const file = join(scratch.path, 'health-sidecar.yaml')
    await writeFile(
      file,
      replaceAll(config, {
        '/srv/app': copy,
        '/etc/application': application,
        '/run/app': run,
        // all checks run at once here, when the process starts
        'timeout: 500ms': 'timeout: 20s',
      }),
    )
    const check = () => runCommand(['check', '--json', '--config', file], { env: { RELEASE: '2026.11.3' } })
    t.match(await check(), { code: /^[23]$/, stdout: /"env"/ }, 'a SECRET_KEY that nobody has given')
    const vars = await readFile(join(application, 'env-vars'), 'utf8')
    await writeFile(join(application, 'env-vars'), replaceAll(vars, { CHANGEME: 'a-key' }))
    const { code, stdout } = await check()
    t.equal(code, 0, 'all is well')
    t.strictSame(Object.keys(JSON.parse(stdout).checks), ['homepage', 'migrations', 'env', 'database'])
    await rm(join(copy, 'catalog'), { recursive: true })
    t.match(await check(), { code: 2, stdout: /MIGRATIONS_DIRECTORY_MISSING|MIGRATIONS_MANIFEST_STALE/ })
  },
)
