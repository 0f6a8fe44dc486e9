import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import t from 'tap'
import { commandHelps } from '../../support/command-help.ts'
import { createScratchDirectory } from '../../support/scratch-directory.ts'

const scratch = await createScratchDirectory('hs-completion-')
t.teardown(() => scratch[Symbol.asyncDispose]())
const completions = join(scratch.path, 'bash-completion/completions')
await mkdir(completions, { recursive: true })
await cp('packaging/completion/health-sidecar', join(completions, 'health-sidecar'))
await mkdir(join(scratch.path, 'project'))

/** Types at a bash on a terminal, and answers all that it shows. */
const typed = async (lines: readonly string[]): Promise<string> => {
  const child = spawn('script', ['-qec', 'bash --norc -i', '/dev/null'], {
    cwd: scratch.path,
    env: { PATH: process.env['PATH'], XDG_DATA_DIRS: scratch.path, TERM: 'dumb', HOME: scratch.path },
    stdio: ['pipe', 'pipe', 'inherit'],
    timeout: 30_000,
  })
  scratch.adopt(child)
  const setup = [
    'source /usr/share/bash-completion/bash_completion',
    `health-sidecar() { printf 'got %s.\\n' "$*"; }`,
  ]
  child.stdin.end([...setup, ...lines, 'exit', ''].join('\n'))
  const [shown] = await Promise.all([text(child.stdout), once(child, 'exit')])
  return shown
}

t.test('completion › completes commands, options and files in a real bash', async t => {
  const shown = await typed([
    'health-sidecar man\t--ver\tpro\t',
    'health-sidecar env dis\tpro\t',
    'health-sidecar che\t--on\tpage --js\t',
  ])
  t.match(shown, 'got manifest --verify project/.')
  t.match(shown, 'got env discover project/.')
  t.match(shown, 'got check --only page --json.')
})

/** What is offered for the last of the words. */
const offered = async (words: readonly string[]): Promise<readonly string[]> => {
  const script = `
    source /usr/share/bash-completion/bash_completion
    source packaging/completion/health-sidecar
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_POINT=\${#COMP_LINE}
    _health_sidecar
    printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout } = await promisify(execFile)('bash', ['-c', script, 'bash', ...words])
  return stdout.split('\n').filter(Boolean).sort()
}

t.test('completion › knows the commands and options that --help knows, and no others', async t => {
  const helps = await commandHelps()
  // the command where none is given
  const serve = helps.find(({ command }) => command === 'serve')?.options ?? []
  for (const { command, commands, options } of helps) {
    const words = ['health-sidecar', ...command.split(' ').filter(Boolean)]
    t.strictSame(
      await offered([...words, '--']),
      [...new Set([...options, ...(command === '' ? serve : [])])].sort(),
      `${command} --`,
    )
    if (commands.length > 0)
      t.strictSame(
        (await offered([...words, ''])).filter(word => !word.startsWith('-')),
        [...commands].sort(),
        `${command} COMMAND`,
      )
  }
})
