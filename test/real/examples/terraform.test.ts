import { copyFile, mkdir, readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { at, lacks, namesIn, pathOf, readExample, readHcl, balancerSettings, runProgram } from './example.ts'

const files = (await readdir(pathOf('terraform'))).filter(name => name.endsWith('.tf'))
const bodies = await Promise.all(files.map(name => readHcl(`terraform/${name}`)))

t.test('terraform › fmt -check has nothing to change', { skip: lacks('terraform') }, async t => {
  t.strictSame(
    await runProgram(['terraform', 'fmt', '-check', '-diff', pathOf('terraform')], {
      env: { PATH: process.env['PATH'] },
    }),
    {
      code: 0,
      stdout: '',
      stderr: '',
    },
  )
})

t.test(
  'terraform › nor has the formatter of packer, of the same language',
  { skip: lacks('packer') },
  async t => {
    const directory = t.testdir()
    await mkdir(directory, { recursive: true })
    for (const name of files)
      await copyFile(pathOf(`terraform/${name}`), join(directory, `${basename(name, '.tf')}.pkr.hcl`))
    t.match(await runProgram(['packer', 'fmt', '-check', '-diff', directory]), { code: 0, stdout: '' })
  },
)

t.test('terraform › all that is referred to is declared', async t => {
  const { declared, referred } = namesIn(bodies)
  t.ok(referred.has('var.vpc_id') && referred.has('aws_elb.app'))
  t.strictSame(
    [...referred].filter(name => !declared.has(name)),
    [],
  )
})

t.test('terraform › no name is declared twice in the folder', async t => {
  const names = bodies.flatMap(({ variable = {}, resource = {} }) => [
    ...Object.keys(variable as object),
    ...Object.entries(resource as object).flatMap(([type, named]) =>
      Object.keys(named as object).map(name => `${type}.${name}`),
    ),
  ])
  t.strictSame([...new Set(names)], names)
})

t.test('terraform › the numbers of both balancers are those of docs/load-balancers.md', async t => {
  const settings = await balancerSettings()
  t.strictSame(Object.keys(settings), ['interval', 'timeout', 'healthy_threshold', 'unhealthy_threshold'])
  const column = (index: number) =>
    Object.fromEntries(Object.entries(settings).map(([name, numbers]) => [name, numbers[index]]))
  t.strictSame(at(await readHcl('terraform/classic-elb.tf'), 'resource', 'aws_elb', 'app', 'health_check'), {
    target: 'HTTP:80/health',
    ...column(0),
  })
  t.strictSame(
    at(
      await readHcl('terraform/alb-target-group.tf'),
      'resource',
      'aws_lb_target_group',
      'app',
      'health_check',
    ),
    { protocol: 'HTTP', port: '80', path: '/health', matcher: '200', ...column(1) },
  )
})

t.test(
  'terraform › a host that leaves has the same time for its last requests, whichever balancer it is',
  async t => {
    const elb = at(await readHcl('terraform/classic-elb.tf'), 'resource', 'aws_elb', 'app')
    t.match(elb, { connection_draining: true })
    const group = at(await readHcl('terraform/alb-target-group.tf'), 'resource', 'aws_lb_target_group', 'app')
    t.equal(at(group, 'deregistration_delay'), at(elb, 'connection_draining_timeout'))
  },
)

t.test('terraform › the group believes the balancer, with a grace above the boot and the rounds', async t => {
  const body = await readHcl('terraform/autoscaling-group.tf')
  const group = at(body, 'resource', 'aws_autoscaling_group', 'app')
  t.equal(at(group, 'health_check_type'), 'ELB')
  const bootSeconds = Number(
    /boot \((\d+) s here\)/.exec(await readExample('terraform/autoscaling-group.tf'))?.[1],
  )
  t.ok(Number(at(group, 'health_check_grace_period')) > bootSeconds + 90)
})

t.test('terraform › the hook is the one that the user-data completes, in time', async t => {
  const body = await readHcl('terraform/autoscaling-group.tf')
  const hook = at(body, 'resource', 'aws_autoscaling_group', 'app', 'initial_lifecycle_hook')
  t.match(hook, {
    lifecycle_transition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
    default_result: 'ABANDON',
  })
  const userData = at(body, 'resource', 'aws_launch_template', 'app', 'user_data')
  t.equal(userData, '${filebase64("${path.module}/../user-data/cloud-config.yaml")}')
  const { write_files: written } = parse(await readExample('user-data/cloud-config.yaml'))
  const script: string = written.find(({ path }: { path: string }) =>
    path.endsWith('complete-launch'),
  ).content
  t.equal(/^hook=(.*)$/m.exec(script)?.[1], at(hook, 'name'))
  t.equal(
    /^group=(.*)$/m.exec(script)?.[1],
    at(await readHcl('terraform/variables.tf'), 'variable', 'name', 'default'),
  )
  const waits = Number(/wait --timeout (\d+)m/.exec(script)?.[1]) * 60
  t.ok(waits > 90 && waits < Number(at(hook, 'heartbeat_timeout')))
})

t.test('terraform › the hosts take probes and pages from the balancer alone', async t => {
  const body = await readHcl('terraform/autoscaling-group.tf')
  const [group] = (body['resource'] as { aws_security_group: { host: { ingress: object[] }[] } })
    .aws_security_group.host
  const balancer = { protocol: 'tcp', security_groups: ['${aws_security_group.balancer.id}'] }
  t.match(group?.ingress, [
    { from_port: 80, to_port: 80, ...balancer },
    { from_port: '${var.app_port}', to_port: '${var.app_port}', ...balancer },
  ])
})
