import { chmod, cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { registerHooks } from 'node:module'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { createScratchDirectory } from '../../support/scratch-directory.ts'
import { MAIN } from '../../support/run-command.ts'
import { lacks, pathOf, readExample, runProgram } from './example.ts'

// the parser's own imports of JSON lack the attribute that Node asks for
registerHooks({
  load: (url, context, next) =>
    next(url, url.endsWith('.json') ? { ...context, importAttributes: { type: 'json' } } : context),
})
const { NoOperationTraceWriter, convertWorkflowTemplate, parseWorkflow } =
  await import('@actions/workflow-parser')

/** A step that runs something: its name, its command and the variables that it is given. */
interface Step {
  readonly name: string
  readonly run: string
  readonly env: Readonly<Record<string, string>>
}

interface GithubStep {
  readonly name?: string
  readonly run?: string
  readonly env?: Readonly<Record<string, string>>
}

interface CircleStep {
  readonly run?: {
    readonly name: string
    readonly command: string
    readonly environment?: Readonly<Record<string, string>>
  }
}

const github = await readExample('ci/github-actions.yaml')
const circle = await readExample('ci/circleci.yaml')

const steps: Readonly<Record<string, readonly Step[]>> = {
  'github-actions': (parse(github).jobs.release.steps as GithubStep[]).flatMap(
    ({ name = '', run, env = {} }) => (run === undefined ? [] : [{ name, run, env }]),
  ),
  circleci: (parse(circle).jobs.release.steps as (CircleStep | string)[]).flatMap(step =>
    typeof step === 'string' || !step.run
      ? []
      : [{ name: step.run.name, run: step.run.command, env: step.run.environment ?? {} }],
  ),
}

t.test("ci › GitHub's own parser takes the workflow", async t => {
  const errorsOf = async (content: string) => {
    const { context, value } = parseWorkflow({ name: 'release.yml', content }, new NoOperationTraceWriter())
    if (value) await convertWorkflowTemplate(context, value)
    return context.errors.getErrors().map(({ message }) => message)
  }
  t.strictSame(await errorsOf(github), [])
  t.match(await errorsOf(github.replace('run: |', 'runs: |')), [/Unexpected value 'runs'/])
})

t.test('ci › the CircleCI configuration has the structure of version 2.1', async t => {
  const { version, jobs, workflows } = parse(circle)
  t.equal(version, 2.1)
  t.strictSame(Object.keys(jobs), ['release'])
  t.match(jobs.release.docker, [{ image: /^cimg\/python:/ }])
  const known = new Set(['checkout', 'run', 'store_artifacts'])
  for (const step of jobs.release.steps as (string | object)[]) {
    const [kind = '', ...others] = typeof step === 'string' ? [step] : Object.keys(step)
    t.ok(known.has(kind) && others.length === 0, kind)
  }
  t.match(workflows.release.jobs, [{ release: { filters: { branches: { only: 'main' } } } }])
})

t.test('ci › both do the same', async t => {
  t.strictSame(
    steps['circleci']?.map(({ name, run, env }) => ({ name, run: run.trim(), env })),
    steps['github-actions']?.map(({ name, run, env }) => ({ name, run: run.trim(), env })),
  )
})

t.test('ci › installing is sound shell', { skip: lacks('shellcheck') }, async t => {
  const [install] = steps['github-actions'] ?? []
  const script = join(t.testdir({ install: `#!/bin/bash\n${install?.run}` }), 'install')
  t.strictSame(await runProgram(['shellcheck', script]), { code: 0, stdout: '', stderr: '' })
})

for (const [example, all] of Object.entries(steps))
  t.test(
    `ci › what ${example} runs writes the manifest, verifies it and packs the release`,
    { skip: lacks('django-admin') },
    async t => {
      await using scratch = await createScratchDirectory('hs-example-')
      const [checkout, bin] = [join(scratch.path, 'checkout'), join(scratch.path, 'bin')]
      await cp(pathOf('../test/real/app'), checkout, { recursive: true })
      await mkdir(join(checkout, 'deploy'))
      await cp(pathOf('django/health_manifest.py'), join(checkout, 'deploy/health_manifest.py'))
      // what the images of both have on their PATH, and what the first step has installed
      await mkdir(bin)
      const programs = {
        python: 'exec python3 -B "$@"',
        'health-sidecar': `exec ${process.execPath} ${MAIN} "$@"`,
      }
      for (const [name, command] of Object.entries(programs)) {
        await writeFile(join(bin, name), `#!/bin/sh\n${command}\n`)
        await chmod(join(bin, name), 0o755)
      }
      const [install, ...rest] = all
      t.match(install?.name, 'Install the release and health-sidecar')
      const run = ({ run: command, env }: Step) =>
        runProgram(['bash', '--noprofile', '--norc', '-eo', 'pipefail', '-c', command], {
          cwd: checkout,
          env: { PATH: `${bin}:/usr/bin:/bin`, ...env },
        })
      for (const step of rest) t.match(await run(step), { code: 0, stderr: '' }, step.name)
      const { apps } = JSON.parse(await readFile(join(checkout, 'migrations.json'), 'utf8'))
      t.strictSame(Object.keys(apps.catalog.migrations), ['0001_initial', '0002_price'])
      const { stdout } = await runProgram(['tar', '-tzf', join(checkout, 'release.tar.gz')])
      t.match(stdout, /^\.\/migrations\.json$/m)
      t.match(stdout, /^\.\/catalog\/migrations\/0002_price\.py$/m)

      const [write, verify] = rest as [Step, Step]
      const third = join(checkout, 'catalog/migrations/0003_stock.py')
      await writeFile(
        third,
        'from django.db import migrations\n\n\nclass Migration(migrations.Migration):\n    dependencies = [("catalog", "0001_initial")]\n',
      )
      t.match(await run(verify), { code: 2, stderr: /MIGRATIONS_MANIFEST_STALE/ }, 'a manifest that is stale')
      t.match(await run(write), { code: 1, stderr: /0002_price, catalog\.0003_stock/ }, 'two last migrations')
    },
  )
