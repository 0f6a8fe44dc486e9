// Run by user-data.test.ts in a network of its own, where 169.254.169.254 is this host's: the script of the user-data, with
// curl and the aws command line as they are, between stand-ins of the instance metadata service and of AWS's API.
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import type { Test } from 'tap'
import { parse } from 'yaml'
import { MAIN } from '../../support/run-command.ts'
import { makePrograms, readExample, replaceAll, runProgram } from './example.ts'
import { startSidecarHost } from './sidecar-host.ts'
import type { SidecarHost } from './sidecar-host.ts'

const API_PORT = 8443
const INSTANCE = 'i-0123456789abcdef0'
const TOKEN = 'a-token'

const metadata: Readonly<Record<string, string>> = {
  '/latest/meta-data/instance-id': INSTANCE,
  '/latest/meta-data/placement/region': 'eu-west-1',
  '/latest/meta-data/placement/availability-zone/': 'eu-west-1a',
  '/latest/meta-data/iam/security-credentials/': 'app-host',
  '/latest/meta-data/iam/security-credentials/app-host': JSON.stringify({
    Code: 'Success',
    AccessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    SecretAccessKey: 'for-tests-alone',
    Token: 'for-tests-alone',
    Expiration: '2099-01-01T00:00:00Z',
  }),
}

/** IMDSv2 alone: without a token, 401. */
const answerMetadata: RequestListener = ({ method, url = '', headers }, response) => {
  if (method === 'PUT' && url === '/latest/api/token' && headers['x-aws-ec2-metadata-token-ttl-seconds']) {
    response.end(TOKEN)
    return
  }
  const found = metadata[url]
  response.statusCode = headers['x-aws-ec2-metadata-token'] !== TOKEN ? 401 : found === undefined ? 404 : 200
  response.end(found)
}

const ANSWER = `<CompleteLifecycleActionResponse xmlns="http://autoscaling.amazonaws.com/doc/2011-01-01/">
  <CompleteLifecycleActionResult/><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata>
</CompleteLifecycleActionResponse>`

const listen = async (t: Test, port: number, { host, answer }: { host: string; answer: RequestListener }) => {
  const server = createServer(answer).listen(port, host)
  await once(server, 'listening')
  t.teardown(() => server.close())
}

interface Launch {
  readonly host: SidecarHost
  /** Runs the script, and gives what it asked of the scaling group's API and what it said. Throws where it fails. */
  readonly complete: (
    change?: Readonly<Record<string, string>>,
  ) => Promise<{ readonly asked: readonly object[]; readonly stdout: string }>
}

const prepare = async (t: Test): Promise<Launch> => {
  const asked: object[] = []
  await listen(t, 80, { host: '169.254.169.254', answer: answerMetadata })
  await listen(t, API_PORT, {
    host: '127.0.0.1',
    answer(request, response) {
      void text(request).then(body => {
        asked.push(Object.fromEntries(new URLSearchParams(body)))
        return response.setHeader('content-type', 'text/xml').end(ANSWER)
      })
    },
  })
  const host = await startSidecarHost(t, () => ({ listen: '127.0.0.1:80' }))
  const bin = join(host.scratch.path, 'bin')
  const aws = execFileSync('which', ['aws'], { encoding: 'utf8' }).trim()
  await makePrograms(bin, {
    aws: `exec ${aws} --endpoint-url http://127.0.0.1:${API_PORT} "$@"`,
    'health-sidecar': `echo "$1" >>${join(host.scratch.path, 'commands')}
exec ${process.execPath} ${MAIN} "$@" --config ${host.sidecar.configFile}`,
  })
  const { write_files: written } = parse(await readExample('user-data/cloud-config.yaml'))
  const script: string = written.find(({ path }: { path: string }) =>
    path.endsWith('complete-launch'),
  ).content
  return {
    host,
    async complete(change = {}) {
      const path = join(bin, 'complete-launch')
      await writeFile(path, replaceAll(script, change))
      await chmod(path, 0o755)
      const env = { PATH: `${bin}:${process.env['PATH']}`, HOME: host.scratch.path }
      const { code, stdout, stderr } = await runProgram([path], { env })
      if (code !== 0) throw new Error(stderr)
      return { asked: asked.splice(0), stdout }
    },
  }
}

const action = {
  Action: 'CompleteLifecycleAction',
  AutoScalingGroupName: 'app',
  LifecycleHookName: 'until-healthy',
  InstanceId: INSTANCE,
}

const soon = { '--timeout 14m': '--timeout 1s' }

t.test(
  'with CONTINUE as soon as the sidecar answers 200, and else with ABANDON when the time is up',
  async t => {
    const { host, complete } = await prepare(t)
    const abandoned = { ...action, LifecycleActionResult: 'ABANDON' }
    t.match(
      await complete(soon),
      { asked: [abandoned], stdout: /ENV_FILE_MISSING/ },
      'where it answers 503, with the reason',
    )

    const commands = () => readFile(join(host.scratch.path, 'commands'), 'utf8')
    const before = (await commands()).length
    const completed = complete()
    while ((await commands()).length === before) await delay(50)
    await host.become('well')
    t.match(
      await completed,
      { asked: [{ ...action, LifecycleActionResult: 'CONTINUE' }] },
      'as it is, waiting for 200',
    )

    await host.sidecar.stop()
    t.match(await complete(soon), { asked: [abandoned] }, 'where there is no sidecar')
  },
)
