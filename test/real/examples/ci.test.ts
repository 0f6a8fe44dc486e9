import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { createScratchDirectory } from '../../support/scratch-directory.ts'
import { MAIN } from '../../support/run-command.ts'
import { workflowErrors } from '../../support/workflow-errors.ts'
import { lacks, makePrograms, pathOf, readExample, runProgram } from './example.ts'

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
  t.strictSame(await workflowErrors(github), [])
  t.match(await workflowErrors(github.replace('run: |', 'runs: |')), [/Unexpected value 'runs'/])
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

/** Makes a wheel of a Django app that the release uses, with one migration, and answers the file's name. */
const makeWheel = async (directory: string): Promise<string> => {
  const wheel = 'news-1.0-py3-none-any.whl'
  const files = {
    'news/__init__.py': '',
    'news/migrations/__init__.py': '',
    'news/migrations/0001_initial.py':
      'from django.db import migrations\n\n\nclass Migration(migrations.Migration):\n    pass\n',
    'news-1.0.dist-info/METADATA': 'Metadata-Version: 2.1\nName: news\nVersion: 1.0\n',
    'news-1.0.dist-info/WHEEL': 'Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
  }
  const record = ['news-1.0.dist-info/RECORD', ...Object.keys(files)].map(file => `${file},,\n`).join('')
  await using scratch = await createScratchDirectory('hs-wheel-')
  for (const [file, text] of Object.entries({ ...files, 'news-1.0.dist-info/RECORD': record })) {
    await mkdir(dirname(join(scratch.path, file)), { recursive: true })
    await writeFile(join(scratch.path, file), text)
  }
  const zip = [
    'python3',
    '-m',
    'zipfile',
    '-c',
    join(directory, wheel),
    'news',
    'news-1.0.dist-info',
  ] as const
  await runProgram(zip, { cwd: scratch.path })
  return wheel
}

for (const [example, all] of Object.entries(steps)) {
  t.test(
    `ci › what ${example} runs writes the manifest, verifies it and packs a release that is whole`,
    { skip: lacks('django-admin', 'pip3') },
    async t => {
      await using scratch = await createScratchDirectory('hs-example-')
      const [runner, bin, host] = ['runner', 'bin', 'host'].map(name => join(scratch.path, name)) as [
        string,
        string,
        string,
      ]
      const checkout = join(runner, 'checkout')
      await cp(pathOf('../test/real/app'), checkout, { recursive: true })
      await mkdir(join(checkout, 'deploy'))
      await cp(pathOf('django/health_manifest.py'), join(checkout, 'deploy/health_manifest.py'))
      await writeFile(join(checkout, 'requirements.txt'), `./${await makeWheel(checkout)}\n`)
      const settings = join(checkout, 'project/settings.py')
      await writeFile(settings, `${await readFile(settings, 'utf8')}\nINSTALLED_APPS += ["news"]\n`)
      // what the images of both have on their PATH, and what the first step installs of Debian's
      const sidecar = `exec ${process.execPath} ${MAIN} "$@"`
      await makePrograms(bin, {
        python: 'exec python3 -B "$@"',
        pip: 'exec /usr/bin/pip3 "$@"',
        curl: '',
        sudo: '',
        'health-sidecar': sidecar,
      })
      const run = ({ run: command, env }: Step) =>
        runProgram(['bash', '--noprofile', '--norc', '-eo', 'pipefail', '-c', command], {
          cwd: checkout,
          env: {
            PATH: `${bin}:/usr/bin:/bin`,
            HOME: runner,
            PIP_NO_INDEX: '1',
            PIP_ROOT_USER_ACTION: 'ignore',
            ...env,
          },
        })
      for (const step of all) t.match(await run(step), { code: 0, stderr: '' }, step.name)
      const { apps } = JSON.parse(await readFile(join(checkout, 'migrations.json'), 'utf8'))
      t.strictSame(Object.keys(apps.catalog.migrations), ['0001_initial', '0002_price'])
      t.strictSame(Object.keys(apps.news.migrations), ['0001_initial'])

      const [, write, verify] = all as [Step, Step, Step]
      const third = join(checkout, 'catalog/migrations/0003_stock.py')
      await writeFile(
        third,
        'from django.db import migrations\n\n\nclass Migration(migrations.Migration):\n    dependencies = [("catalog", "0001_initial")]\n',
      )
      t.match(await run(verify), { code: 2, stderr: /MIGRATIONS_MANIFEST_STALE/ }, 'a manifest that is stale')
      t.match(await run(write), { code: 1, stderr: /0002_price, catalog\.0003_stock/ }, 'two last migrations')

      await mkdir(host)
      t.match(await runProgram(['tar', '-xzf', join(checkout, 'release.tar.gz'), '-C', host]), { code: 0 })
      await rm(runner, { recursive: true })
      t.match(
        await runProgram([
          join(bin, 'health-sidecar'),
          'manifest',
          '--verify',
          join(host, 'migrations.json'),
        ]),
        { code: 0, stderr: '' },
        'on a host, which has nothing of where it was built',
      )
    },
  )

  t.test(
    `ci › ${example} finds what the package depends on, in an image whose lists of packages are empty`,
    { skip: lacks('apt-get', 'dpkg-deb', 'dpkg-scanpackages') },
    async t => {
      await using scratch = await createScratchDirectory('hs-example-')
      const inScratch = (path: string) => join(scratch.path, path)
      const makeDeb = async (control: string, deb: string) => {
        await mkdir(inScratch('tree/DEBIAN'), { recursive: true })
        const rest =
          'Version: 1\nArchitecture: all\nMaintainer: Tests <tests@example.com>\nDescription: for tests\n'
        await writeFile(inScratch('tree/DEBIAN/control'), `${control}\n${rest}`)
        await runProgram(['dpkg-deb', '--build', inScratch('tree'), deb])
      }
      for (const path of ['repository', 'state/lists/partial', 'cache/archives/partial', 'etc'])
        await mkdir(inScratch(path), { recursive: true })
      await makeDeb('Package: systemd', inScratch('repository/systemd.deb'))
      await makeDeb('Package: health-sidecar\nDepends: systemd', inScratch('downloaded.deb'))
      const scan = await runProgram(['dpkg-scanpackages', '.'], { cwd: inScratch('repository') })
      await writeFile(inScratch('repository/Packages'), scan.stdout)
      await writeFile(inScratch('etc/sources.list'), `deb [trusted=yes] file:${inScratch('repository')} ./\n`)
      await writeFile(inScratch('status'), '')
      await writeFile(
        inScratch('apt.conf'),
        `Dir { State "${inScratch('state')}"; State::status "${inScratch('status')}"; Cache "${inScratch('cache')}"; Etc "${inScratch('etc')}"; };
        APT::Get::Simulate "true"; APT::Sandbox::User "";\n`,
      )
      await makePrograms(inScratch('bin'), {
        pip: '',
        curl: `cp ${inScratch('downloaded.deb')} health-sidecar.deb`,
        sudo: 'exec "$@"',
      })
      const [install] = all as [Step]
      const ran = await runProgram(['bash', '-eo', 'pipefail', '-c', install.run], {
        cwd: scratch.path,
        env: { PATH: `${inScratch('bin')}:/usr/bin:/bin`, APT_CONFIG: inScratch('apt.conf') },
      })
      t.match(ran, { code: 0, stdout: /^Inst systemd .*^Inst health-sidecar /ms })
    },
  )
}
