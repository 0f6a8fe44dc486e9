import t from 'tap'
import { UsageError } from '../../src/cli/usage-error.ts'
import { parseArguments } from './arguments.ts'

const parse = (...args: string[]) => parseArguments(args, { known: ['default', 'shallow'], freshSeed: 9 })

t.test('simulate › runs 1,000 traces of 20 hosts under the default policy with a fresh seed', async t => {
  t.match(parse(), { traces: 1000, hosts: 20, seed: 9, policies: ['default'], json: false, scale: false })
  t.strictSame(parse('--policy', 'all').policies, ['default', 'shallow'])
  t.strictSame(parse('--policy', 'shallow,default', '--policy', 'shallow').policies, ['shallow', 'default'])
})

for (const [args, message] of [
  [['--traces', '0'], /^--traces takes a whole number from 1 to 1000000, and not "0"; usage: /],
  [['--seed', '1.5'], /^--seed takes a whole number from 0 /],
  [['--hosts', '5000'], /^--hosts takes a whole number from 2 to 1000,/],
  [['--policy', 'none'], /^there is no policy "none"; there are all, default, shallow; usage: /],
  [['--trace', '1', '--json'], /^--trace tells a story, which --json has not; usage: /],
  [['--trace', '1', '--scale'], /^--trace tells a story, which --scale has not; usage: /],
  [['--frobnicate'], /Unknown option '--frobnicate'/],
] as const)
  t.test(`simulate › refuses ${args.join(' ')}`, async t => {
    t.throws(() => parse(...args), { message })
    t.throws(() => parse(...args), UsageError)
  })
