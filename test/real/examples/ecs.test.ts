import { readFile } from 'node:fs/promises'
import t from 'tap'
import { parse } from 'yaml'
import { loadConfig } from '../../../src/config/load.ts'
import { createScratchDirectory } from '../../support/scratch-directory.ts'
import { lacks, pathOf, readExample, runProgram } from './example.ts'

interface Container {
  readonly name: string
  readonly dependsOn?: readonly { readonly containerName: string; readonly condition: string }[]
  readonly volumesFrom?: readonly { readonly sourceContainer: string }[]
  readonly environment?: readonly { readonly name: string; readonly value: string }[]
  readonly secrets?: readonly { readonly name: string }[]
  readonly portMappings?: readonly { readonly containerPort: number }[]
  readonly user?: string
  readonly command?: readonly string[]
  readonly stopTimeout?: number
  readonly healthCheck?: Readonly<Record<'interval' | 'timeout' | 'retries' | 'startPeriod', number>> & {
    readonly command: readonly string[]
  }
}

const task = parse(await readExample('ecs/task-definition.yaml'))
const containers: readonly Container[] = task.containerDefinitions
const called = (name: string): Container => {
  const found = containers.find(container => container.name === name)
  if (!found) throw new Error(`there is no container ${name}`)
  return found
}
const dockerfile = await readFile(pathOf('../Dockerfile'), 'utf8')
const inDockerfile = (pattern: RegExp): string => pattern.exec(dockerfile)?.[1] ?? ''

t.test('ecs › the model of the request RegisterTaskDefinition takes it', { skip: lacks('aws') }, async t => {
  await using scratch = await createScratchDirectory('hs-ecs-')
  // compares the request with the model, and sends nothing
  const check = (request: object) =>
    runProgram(
      [
        'aws',
        'ecs',
        'register-task-definition',
        '--generate-cli-skeleton',
        'output',
        '--cli-input-json',
        JSON.stringify(request),
      ],
      { env: { PATH: process.env['PATH'], HOME: scratch.path, AWS_DEFAULT_REGION: 'eu-central-1' } },
    )
  t.match(await check(task), { code: 0, stdout: /"taskDefinition": \{/ })
  t.match(await check({ ...task, networkModes: 'awsvpc' }), {
    stderr: /Unknown parameter in input: "networkModes"/,
  })
})

t.test(
  'ecs › traffic comes in once the sidecar is healthy, and the sidecar waits for no health of the app',
  async t => {
    t.strictSame(called('front').dependsOn, [{ containerName: 'health-sidecar', condition: 'HEALTHY' }])
    t.strictSame(called('health-sidecar').dependsOn, [{ containerName: 'app', condition: 'START' }])
    t.equal(called('app').dependsOn, undefined)
    for (const { volumesFrom = [] } of containers)
      for (const { sourceContainer } of volumesFrom) t.ok(called(sourceContainer))
  },
)

t.test(
  'ecs › health is what the image’s own HEALTHCHECK asks, within ECS’s limits and the program’s times',
  async t => {
    const { healthCheck, user, stopTimeout = 0 } = called('health-sidecar')
    t.strictSame(healthCheck?.command, ['CMD-SHELL', inDockerfile(/^HEALTHCHECK .* CMD (.+)$/m)])
    t.equal(user, `${inDockerfile(/^ARG UID=(\d+)$/m)}:${inDockerfile(/^ARG UID=(\d+)$/m)}`)
    // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html
    const limits = { interval: [5, 300], timeout: [2, 60], retries: [1, 10], startPeriod: [0, 300] } as const
    for (const name of ['interval', 'timeout', 'retries', 'startPeriod'] as const) {
      const value = healthCheck?.[name] ?? Number.NaN
      t.ok(value >= limits[name][0] && value <= limits[name][1], `${name}: ${value}`)
    }
    t.ok((healthCheck?.startPeriod ?? 0) >= 90, 'the first 200 takes as long')
    // `drain.wait`, and Fargate's limit
    t.ok(stopTimeout > 20 && stopTimeout <= 120)
    t.ok((called('app').stopTimeout ?? 0) > stopTimeout)
  },
)

t.test(
  'ecs › the configuration loads from what the task gives it, and listens where the task says',
  async t => {
    const { command = [], environment = [], secrets = [], portMappings } = called('health-sidecar')
    t.match(command, ['serve', '--config', '/srv/app/health-sidecar.yaml'])
    const given = {
      ...Object.fromEntries(environment.map(({ name, value }) => [name, value])),
      ...Object.fromEntries(secrets.map(({ name }) => [name, 'postgres://app:x@db/app'])),
    }
    const config = await loadConfig(pathOf('ecs/health-sidecar.yaml'), given)
    t.strictSame(config.listen, [`0.0.0.0:${portMappings?.[0]?.containerPort}`])
    t.strictSame(
      config.checks.map(({ name }) => name),
      ['homepage', 'migrations', 'database'],
    )
    await t.rejects(loadConfig(pathOf('ecs/health-sidecar.yaml'), {}), 'both variables are needed')
  },
)
