import t from 'tap'
import { changeSetInLine, changeSetKey } from '../../../../src/checks/migrations/tools/liquibase.ts'
import { startPostgres } from '../../../support/postgres.ts'
import { createHost } from './ask-tool.ts'

const postgres = await startPostgres()
t.teardown(() => postgres[Symbol.asyncDispose]())

t.test('liquibase › paths are compared as DatabaseChangeLog.normalizePath does, without case', async t => {
  const key = 'db/changelog.xml::1::ann'
  for (const same of [
    'classpath:/db/changelog.xml::1::ann',
    'classpath:db/changelog.xml::1::ann',
    '/db/changelog.xml::1::ann',
    './db/changelog.xml::1::ann',
    'db//changelog.xml::1::ann',
    'db/./changelog.xml::1::ann',
    'db/other/../changelog.xml::1::ann',
    'db\\changelog.xml::1::ann',
    'C:\\db\\changelog.xml::1::ann',
    'DB/Changelog.xml::1::Ann',
  ])
    t.equal(changeSetKey(same), key, same)
  for (const other of [
    'changelog.xml::1::ann',
    'db/changelog.yaml::1::ann',
    'db/changelog.xml::01::ann',
    'db/changelog.xml::1::anne',
  ])
    t.not(changeSetKey(other), key, other)
  t.equal(changeSetKey('a.xml::./x//y::ann'), 'a.xml::./x//y::ann', 'an id is no path')
})

t.test('liquibase › a line is a change set, one of the lines around them, or a mistake', async t => {
  t.equal(changeSetInLine('db/a.xml::1::ann'), 'db/a.xml::1::ann')
  t.equal(changeSetInLine('db/a.xml::1::2::ann'), 'db/a.xml::1::2::ann')
  for (const line of [
    '2 changesets have not been applied to app@jdbc:postgresql://db:5432/app',
    '1 changeset has not been applied to APP@jdbc:postgresql://db:5432/app',
    '3 change sets have not been applied to app@jdbc:postgresql://db/app',
    'app@jdbc:postgresql://db:5432/app is up to date',
    "Liquibase command 'status' was executed successfully.",
    'Starting Liquibase at 10:00:00 using Java 17.0.9 (version 4.29.2 #3683)',
    'Liquibase Version: 4.29.2',
    '####################################################',
    '##  Get documentation at docs.liquibase.com         ##',
    'INFO: Reading resource: db/a.xml',
  ])
    t.equal(changeSetInLine(line), null, line)
  for (const line of [
    'db/a.xml',
    'db/a.xml::1',
    '::1::ann',
    'db/a.xml::::ann',
    'Unexpected error running Liquibase',
  ])
    t.notOk(changeSetInLine(line), line)
  t.equal(changeSetInLine('db/a.xml::1'), undefined)
})

t.test('liquibase › the raw output of status --verbose is a manifest', async t => {
  const host = await createHost(t, postgres)
  const manifest = `${host.directory}/status.txt`
  const ask = () => host.ask({ tool: 'liquibase', manifest })
  await host.sql(`create table databasechangelog (id varchar(255) not null, author varchar(255) not null,
    filename varchar(255) not null, dateexecuted timestamp not null, orderexecuted int not null,
    exectype varchar(10) not null, md5sum varchar(35))`)
  await host.sql(`insert into databasechangelog values
    ('1', 'ann', 'classpath:/db/changelog.xml', now(), 1, 'EXECUTED', ''), ('2', 'bob', '/db/changelog.xml', now(), 2, 'EXECUTED', '')`)
  await host.write({
    'status.txt': `\ufeffStarting Liquibase at 10:00:00\r\n2 changesets have not been applied to app@jdbc:postgresql://db/app\r
     db/changelog.xml::1::ann\r\n     db/changelog.xml::2::bob\r\nLiquibase command 'status' was executed successfully.\r\n`,
  })
  t.match(await ask(), { status: 'pass', evidence: { applied: 2 } })
  await host.write({ 'status.txt': 'db/changelog.xml::1::ann\ndb/changelog.xml::3::bob\n' })
  t.match(await ask(), {
    status: 'fail',
    evidence: { pending: ['db/changelog.xml::3::bob'], extra: ['db/changelog.xml::2::bob'] },
  })
  await host.write({
    'status.txt': 'db/changelog.xml::1::ann\nUnexpected error running Liquibase: no login\n',
  })
  t.match(await ask(), {
    status: 'unknown',
    reason: 'MIGRATIONS_MANIFEST_INVALID',
    message: /^line 2 of .*status\.txt names no migration;/,
  })
  await host.write({ 'status.txt': 'app@jdbc:postgresql://db/app is up to date\n' })
  t.match(await ask(), { status: 'fail', reason: 'MIGRATIONS_NONE_FOUND' })
  await host.write({ 'status.txt': 'db/a.xml::1::ann\n/db/a.xml::1::ann\n' })
  t.match(await ask(), { status: 'unknown', reason: 'MIGRATIONS_DUPLICATED' })
})

t.test('liquibase › a manifest that names fewer change sets than it announces is unknown', async t => {
  const host = await createHost(t, postgres)
  await host.sql(`create table databasechangelog (id text, author text, filename text, exectype text);
    insert into databasechangelog values ('1', 'ann', 'a.xml', 'EXECUTED'), ('2', 'ann', 'a.xml', 'EXECUTED')`)
  const manifest = `${host.directory}/status.txt`
  const said = '2 changesets have not been applied to app@offline:postgresql\n     a.xml::1::ann\n'
  await host.write({ 'status.txt': said })
  t.match(await host.ask({ tool: 'liquibase', manifest }), {
    status: 'unknown',
    reason: 'MIGRATIONS_MANIFEST_INVALID',
    message: `${manifest} says that there are 2 migrations, and names 1; write the manifest again, as a whole`,
  })
  await host.write({ 'status.txt': `${said}     a.xml::2::ann\n` })
  t.match(await host.ask({ tool: 'liquibase', manifest }), { status: 'pass', evidence: { applied: 2 } })
})
