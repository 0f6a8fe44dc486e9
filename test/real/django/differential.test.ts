import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import t from 'tap'
import { migrations } from '../../../src/checks/migrations/migrations.ts'
import type { Finding } from '../../../src/core/finding.ts'
import { fakeDatabases } from '../../checks/migrations/fake-databases.ts'
import { startOracle } from './oracle.ts'
import type { Loaded } from './oracle.ts'
import { randomProject } from './random-project.ts'
import type { RandomProject } from './random-project.ts'

/** Projects on which Django has to have answered; as it refuses some, more are tried. */
const PROJECTS = Number(process.env['PROJECTS'] ?? 2000)
const FIRST_SEED = Number(process.env['SEED'] ?? 1)

interface Asked {
  readonly project: RandomProject
  readonly source: string
}

/** Why the check may answer otherwise than Django, as docs/checks/migrations.md says; undefined where it may not. */
const excuse = (finding: Finding, { project, source }: Asked): string | undefined => {
  if (finding.status === 'pass') return undefined
  const { nested, namespace, partialSquash } = project.has
  if (finding.reason === 'MIGRATIONS_SQUASH_NESTED' && nested) return 'unknown, for nested squashes'
  if (finding.reason === 'MIGRATIONS_SQUASH_INCOMPLETE' && (partialSquash || nested))
    return 'fail, for a squash in part'
  if (source === 'manifest') return undefined
  if (finding.reason === 'MIGRATIONS_NOT_LITERAL' && project.compiled.length > 0)
    return 'unknown, for bytecode'
  if (finding.reason === 'MIGRATIONS_DIRECTORY_MISSING' && namespace)
    return 'fail, for want of an __init__.py'
  return undefined
}

const agreement = (said: ReturnType<typeof saidBy>): string => {
  if (typeof said === 'string') return `agrees: ${said}`
  return said.count > 0 ? 'agrees: pending' : 'agrees: pass'
}

const saidBy = (
  finding: Finding,
): { readonly pending: readonly unknown[]; readonly count: number } | string => {
  if (finding.status === 'pass') return { pending: [], count: 0 }
  if (finding.reason === 'MIGRATIONS_NONE_FOUND') return 'none found'
  const { reason } = finding
  if (reason !== 'MIGRATIONS_PENDING' && reason !== 'MIGRATIONS_SQUASH_ROWS_GONE') return reason
  const { pending, pendingCount } = finding.evidence ?? {}
  if (!Array.isArray(pending)) return 'nothing named'
  return { pending, count: Number(pendingCount ?? pending.length) }
}

const expected = (answer: Loaded): ReturnType<typeof saidBy> => {
  if (answer.found === 0) return 'none found'
  return { pending: answer.pending.slice(0, 20), count: answer.pending.length }
}

t.setTimeout(600_000)

t.test(`the check and Django agree on ${PROJECTS} random projects`, async t => {
  await using oracle = await startOracle()
  t.comment(`Django ${oracle.django} on Python ${oracle.python}, seeds from ${FIRST_SEED}`)
  const dir = await mkdtemp(join(tmpdir(), 'django-'))
  t.teardown(() => rm(dir, { recursive: true }))
  const tally = new Map<string, number>()
  const count = (what: string) => tally.set(what, (tally.get(what) ?? 0) + 1)
  let answered = 0

  for (let seed = FIRST_SEED; answered < PROJECTS && seed < FIRST_SEED + 4 * PROJECTS; seed++) {
    const project = randomProject(seed)
    const root = join(dir, `p${seed}`)
    for (const [path, text] of project.files) {
      await mkdir(dirname(join(root, path)), { recursive: true })
      await writeFile(join(root, path), text)
    }
    await writeFile(join(root, '__init__.py'), '')
    const manifest = join(root, 'migrations.json')
    const answer = await oracle.load({
      project: dir,
      apps: project.apps.map(app => `p${seed}.${app}`),
      rows: project.rows,
      compile: project.compiled.map(path => join(root, path)),
      ...(seed % 2 === 0 && { manifest }),
    })

    const apps = Object.fromEntries(project.apps.map(app => [app, join(root, app, 'migrations')]))
    const ask = (source: { apps: Record<string, string> } | { manifest: string }) => {
      const config = {
        tool: 'django' as const,
        database: 'postgres://x',
        django_version: oracle.django,
        ...source,
      }
      return migrations
        .create(config, { databases: fakeDatabases({ rows: project.rows }) })
        .run(new AbortController().signal)
    }
    const byApps = await ask({ apps })
    if ('raised' in answer) {
      count(`Django raises ${answer.raised}, the check says ${byApps.status}`)
    } else {
      answered++
      const findings = { apps: byApps, ...(answer.manifest && { manifest: await ask({ manifest }) }) }
      for (const [source, finding] of Object.entries(findings)) {
        const why = excuse(finding, { project, source })
        const said = saidBy(finding)
        if (why === undefined && JSON.stringify(said) !== JSON.stringify(expected(answer)))
          t.strictSame(said, expected(answer), `seed ${seed}, ${source}`, { finding })
        if (finding.status === 'pass' && answer.pending.length > 0)
          t.fail(`seed ${seed}, ${source}: a false pass`)
        count(`${source}: ${why ?? agreement(said)}`)
      }
    }
    await rm(root, { recursive: true })
  }
  for (const [what, times] of [...tally].sort(([a], [b]) => (a < b ? -1 : 1))) t.comment(`${times} × ${what}`)
  t.equal(answered, PROJECTS, 'Django has answered on enough of them')
  for (const source of ['apps', 'manifest'])
    for (const agreed of ['pass', 'pending'])
      t.ok(
        (tally.get(`${source}: agrees: ${agreed}`) ?? 0) > PROJECTS / 20,
        `${source}: enough that agree on ${agreed}`,
      )
})
