import { spawnSync } from 'node:child_process'
import t from 'tap'
import { commandHelps } from '../support/command-help.ts'

const helps = await commandHelps()

/** What bash offers after some words; bash-completion's own helpers stand in as they are in the simplest case. */
const offered = (...words: readonly string[]): readonly string[] => {
  const script = `
    _init_completion() { words=(health-sidecar "$@"); words=("\${WORDS[@]}"); cword=$((\${#words[@]} - 1)); cur=\${words[cword]}; prev=\${words[cword - 1]}; }
    _filedir() { COMPREPLY=(FILES); }
    WORDS=(health-sidecar "$@")
    . packaging/completion/health-sidecar
    _health_sidecar
    printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout } = spawnSync('bash', ['--norc', '-c', script, 'bash', ...words], { encoding: 'utf8' })
  return stdout
    .split('\n')
    .filter(word => word !== '')
    .sort()
}

t.test('completion › offers every command, and the options of each, and no others', async t => {
  const [program, ...commands] = helps
  t.strictSame(offered(''), [...(program?.commands ?? [])].sort())
  for (const { command, options, commands: below } of commands.filter(help => help.command !== 'env')) {
    if (below.length > 0) continue
    t.strictSame(offered(...command.split(' '), '--'), [...options].sort(), command)
  }
})

t.test('completion › offers files where an option takes one, and nothing where it takes words', async t => {
  t.strictSame(offered('check', '--config', ''), ['FILES'])
  t.strictSame(offered('drain', '--reason', ''), [])
  t.strictSame(offered('drain', '--u'), ['--until-resumed'])
})

t.test('completion › goes on after an app that is named before the command', async t => {
  t.strictSame(offered('--app', 'shop', 'sta'), ['status'])
  t.strictSame(offered('--app', 'shop', 'status', '--w'), ['--watch'])
  t.strictSame(offered('status', '--app', ''), [], 'an app has a file in /etc/health-sidecar')
})
