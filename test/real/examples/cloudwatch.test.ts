import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import type { Finding } from '../../../src/core/finding.ts'
import type { Verdict } from '../../../src/core/verdict.ts'
import { METRIC_UNITS, NAMESPACE } from '../../../src/log/embedded-metric-format.ts'
import { createLogger } from '../../../src/log/logger.ts'
import { logMonitor } from '../../../src/log/monitor-log.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { at, lacks, namesIn, pathOf, readExample, readHcl, runProgram } from './example.ts'
import type { Hcl } from './example.ts'

const files = (await readdir(pathOf('cloudwatch'))).filter(name => name.endsWith('.tf'))
const bodies = await Promise.all(files.map(name => readHcl(`cloudwatch/${name}`)))

/** The arguments and blocks of the AWS provider, 5.100 (registry.terraform.io/providers/hashicorp/aws/latest/docs). */
const documented: Readonly<Record<string, { readonly required: string; readonly optional: string }>> = {
  aws_cloudwatch_metric_alarm: {
    required: 'alarm_name comparison_operator evaluation_periods',
    optional:
      'actions_enabled alarm_actions alarm_description datapoints_to_alarm dimensions extended_statistic evaluate_low_sample_count_percentiles insufficient_data_actions metric_name namespace ok_actions period statistic tags threshold threshold_metric_id treat_missing_data unit metric_query',
  },
  aws_cloudwatch_log_metric_filter: {
    required: 'log_group_name name pattern metric_transformation',
    optional: '',
  },
  metric_transformation: { required: 'name namespace value', optional: 'default_value dimensions unit' },
  aws_cloudwatch_dashboard: { required: 'dashboard_body dashboard_name', optional: '' },
  instance_refresh: { required: 'strategy', optional: 'preferences triggers' },
  preferences: {
    required: '',
    optional:
      'alarm_specification auto_rollback checkpoint_delay checkpoint_percentages instance_warmup max_healthy_percentage min_healthy_percentage scale_in_protected_instances skip_matching standby_instances',
  },
  alarm_specification: { required: 'alarms', optional: '' },
}

/** The arguments of a block that the provider does not know, and those that it misses. */
const mistakesIn = (type: string, block: object): readonly string[] => {
  const { required = '', optional = '' } = documented[type] ?? {}
  const names = Object.keys(block)
  const known = new Set(`${required} ${optional}`.split(' '))
  const needed = required.split(' ').filter(Boolean)
  return [
    ...names.filter(name => !known.has(name)).map(name => `${type} has no ${name}`),
    ...needed.filter(name => !names.includes(name)).map(name => `${type} needs ${name}`),
  ]
}

/** Every resource of a type in the folder, by its name. */
const resourcesOf = (type: string): Readonly<Record<string, Hcl>> =>
  Object.fromEntries(
    bodies.flatMap(({ resource = {} }) =>
      Object.entries(
        (resource as Readonly<Record<string, Readonly<Record<string, readonly Hcl[]>>>>)[type] ?? {},
      ).map(([name, [block = {}]]) => [name, block] as const),
    ),
  )

const filledIn = (text: unknown): string =>
  String(text)
    .replaceAll('${var.name}', 'web')
    .replaceAll('${var.region}', 'eu-west-1')
    .replaceAll('${var.log_group_name}', 'web-health-sidecar')

t.test('cloudwatch › fmt -check has nothing to change', { skip: lacks('terraform') }, async t => {
  const { code, stdout } = await runProgram(['terraform', 'fmt', '-check', '-diff', pathOf('cloudwatch')])
  t.strictSame({ code, stdout }, { code: 0, stdout: '' })
})

t.test('cloudwatch › all that is referred to is declared, and used', async t => {
  const { declared, referred } = namesIn(bodies)
  t.strictSame(
    [...referred].filter(name => !declared.has(name)),
    [],
  )
  t.strictSame(
    [...declared].filter(name => name.startsWith('var.') && !referred.has(name)),
    [],
  )
})

t.test('cloudwatch › every argument is one of the provider’s, and none is missing', async t => {
  const blocks = Object.keys(documented).flatMap(type =>
    Object.values(resourcesOf(type)).map(block => [type, block] as const),
  )
  t.equal(blocks.length, 8)
  for (const [type, block] of blocks) t.strictSame(mistakesIn(type, block), [], String(block['alarm_name']))
  for (const filter of Object.values(resourcesOf('aws_cloudwatch_log_metric_filter')))
    t.strictSame(mistakesIn('metric_transformation', at(filter, 'metric_transformation') as object), [])
  const refresh = at(
    await readHcl('terraform/autoscaling-group.tf'),
    'resource',
    'aws_autoscaling_group',
    'app',
    'instance_refresh',
  )
  t.strictSame(mistakesIn('instance_refresh', refresh as object), [])
  t.strictSame(mistakesIn('preferences', at(refresh, 'preferences') as object), [])
  t.strictSame(
    mistakesIn('alarm_specification', at(refresh, 'preferences', 'alarm_specification') as object),
    [],
  )
})

t.test(
  'cloudwatch › alarms look at metrics that the sidecar writes, under the dimension that it gives them',
  async t => {
    const alarms = Object.values(resourcesOf('aws_cloudwatch_metric_alarm')).filter(
      ({ namespace }) => namespace === NAMESPACE,
    )
    t.equal(alarms.length, 4)
    for (const { alarm_name: name, metric_name: metric, dimensions, statistic, period } of alarms) {
      t.ok(String(metric) in METRIC_UNITS, `${String(name)}: ${String(metric)}`)
      t.strictSame(dimensions, { Service: '${var.name}' })
      t.match(statistic, /^(Maximum|Average|SampleCount)$/)
      t.equal(period, 60, 'as often as a line')
    }
  },
)

t.test(
  'cloudwatch › the alarms of the release stop the refresh of the scaling group, which rolls back',
  async t => {
    const terraform = await readHcl('terraform/autoscaling-group.tf')
    const group = at(terraform, 'resource', 'aws_autoscaling_group', 'app')
    const preferences = at(group, 'instance_refresh', 'preferences')
    t.match(preferences, { auto_rollback: true, instance_warmup: 120 })
    t.equal(at(preferences, 'alarm_specification', 'alarms'), '${module.cloudwatch.release_alarms}')
    t.equal(
      at(group, 'launch_template', 'version'),
      '${aws_launch_template.app.latest_version}',
      'a numbered one',
    )
    const alarms = resourcesOf('aws_cloudwatch_metric_alarm')
    const output = bodies.flatMap(({ output = {} }) => Object.entries(output as object))
    t.strictSame(
      JSON.stringify(output).match(/aws_cloudwatch_metric_alarm\.\w+/g),
      ['stuck_starting', 'failing'].map(name => `aws_cloudwatch_metric_alarm.${name}`),
    )
    const call = at(await readHcl('terraform/cloudwatch.tf'), 'module', 'cloudwatch')
    t.equal(at(call, 'source'), '../cloudwatch')
    const bootSeconds = Number(/boot \((\d+) s here\)/.exec(await readExample('cloudwatch/alarms.tf'))?.[1])
    const hookSeconds = Number(at(group, 'initial_lifecycle_hook', 'heartbeat_timeout'))
    const { threshold: stuck } = alarms['stuck_starting'] ?? {}
    t.ok(
      Number(stuck) > bootSeconds + 90 && Number(stuck) < hookSeconds - 120,
      'longer than a start, before the hook',
    )
    const { threshold: failing } = alarms['failing'] ?? {}
    t.ok(Number(failing) + 60 < 150, 'before the balancer takes the host out')
  },
)

t.test('cloudwatch › the dashboard is JSON that shows metrics of the sidecar alone', async t => {
  const { dashboard_body: body } = resourcesOf('aws_cloudwatch_dashboard')['fleet'] ?? {}
  const { widgets }: { readonly widgets: readonly { readonly type: string; readonly properties: Hcl }[] } =
    JSON.parse(filledIn(body))
  t.strictSame(
    widgets.map(({ type }) => type),
    ['metric', 'metric', 'metric', 'metric', 'log'],
  )
  const shown = new Set<string>()
  for (const { properties } of widgets) {
    t.equal(properties['region'], 'eu-west-1')
    for (const row of (properties['metrics'] ?? []) as readonly (readonly unknown[])[]) {
      // `.` repeats a field of the row above, and `...` all of them
      if (row[0] !== '...') shown.add(String(row[1]))
      if (row[0] === NAMESPACE) t.strictSame(row.slice(2, 4), ['Service', 'web'])
    }
  }
  t.strictSame([...shown].sort(), Object.keys(METRIC_UNITS).sort(), 'every metric is on it')
  t.match(widgets.at(-1)?.properties['query'], /^SOURCE 'web-health-sidecar' \| fields /)
})

/**
 * Whether a filter pattern takes a line. Of the pattern's language, what the examples use: texts that are equal, joined by
 * && (docs.aws.amazon.com/AmazonCloudWatch/latest/logs/matching-terms-json-log-events.html).
 */
const matches = (pattern: string, line: Hcl): boolean => {
  const [, conditions] = /^\{ (.*) \}$/.exec(pattern) ?? []
  if (conditions === undefined) throw new Error(`no JSON pattern: ${pattern}`)
  return conditions.split(' && ').every(condition => {
    const [, member = '', text] = /^\$\.(\w+) = "([^"*]*)"$/.exec(condition) ?? []
    if (text === undefined) throw new Error(`not of the tested language: ${condition}`)
    return line[member] === text
  })
}

const fail: Finding = { status: 'fail', reason: 'SMOKE_SOCKET_REFUSED', message: 'refused' }
const unknown: Finding = {
  status: 'unknown',
  reason: 'DATABASE_REFUSED',
  cause: 'shared',
  message: 'refused',
}
const pass: Finding = { status: 'pass' }

/** Lines that the program writes for a host that fails, recovers, holds and is drained. */
const realLines = async (directory: string): Promise<readonly Hcl[]> => {
  const file = join(directory, 'sidecar.log')
  const clock = new ManualClock()
  const logger = createLogger({ level: 'info', file, release: () => 'v1', onLost() {} })
  const { checkAnswered, verdictChanged } = logMonitor({ logger, clock, timeoutMsOf: () => 2000 })
  let before: Finding | undefined
  const find = async (finding: Finding, minutes = 0) => {
    for (let minute = 0; minute <= minutes; minute += 1) {
      if (minute > 0) await clock.advance(60_000)
      checkAnswered({ name: 'page', finding, previous: before, tookMs: 1 })
      before = finding
    }
  }
  let verdict: Verdict = { status: 'fail', phase: 'starting', checks: [] }
  const become = (status: Verdict['status'], phase: Verdict['phase']) => {
    const previous = verdict
    verdict = { status, phase, checks: [] }
    verdictChanged({ verdict, previous })
  }
  await find(fail, 3)
  await find(pass)
  become('pass', 'serving')
  await find(unknown, 5)
  become('warn', 'serving')
  await find(fail, 11)
  become('fail', 'serving')
  become('fail', 'draining')
  become('fail', 'serving')
  become('pass', 'serving')
  become('fail', 'draining')
  await logger[Symbol.asyncDispose]()
  const text = await readFile(file, 'utf8')
  return text
    .trimEnd()
    .split('\n')
    .map((line): Hcl => JSON.parse(line))
}

t.test('cloudwatch › the filters take the lines of failures out of the real log, and no other', async t => {
  t.testdir({})
  const lines = await realLines(t.testdirName)
  const filters = resourcesOf('aws_cloudwatch_log_metric_filter')
  const valuesOf = (name: string): readonly unknown[] => {
    const { pattern, metric_transformation: [{ value } = { value: '' }] = [] } = filters[name] as Hcl & {
      readonly metric_transformation?: readonly { readonly value: string }[]
    }
    const member = /^\$\.(\w+)$/.exec(value)?.[1]
    return lines
      .filter(line => matches(String(pattern), line))
      .map(line => (member === undefined ? Number(value) : line[member]))
  }
  const minutes = (...list: readonly number[]) => list.map(minute => minute * 60_000)
  t.strictSame(valuesOf('fails'), minutes(1, 2, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11))
  t.strictSame(valuesOf('taken_out'), [1], 'once: when it failed in service')
  const { threshold } = resourcesOf('aws_cloudwatch_metric_alarm')['check_fails'] ?? {}
  t.equal(threshold, 600_000)
})
