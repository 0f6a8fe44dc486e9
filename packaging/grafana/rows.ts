import { MappingType } from '@grafana/grafana-foundation-sdk/dashboard'
import { areas, glance, heat, lines, table, timeline } from './panels.ts'
import { queries } from './queries.ts'
import { colors, STATES } from './states.ts'

const fleet = [
  glance({ title: 'In service', description: 'Hosts that answer 200, of all that are scraped.', span: 6 }, [
    [queries.serving, 'in service'],
    [queries.hosts, 'all'],
  ]),
  glance(
    {
      title: 'On a hold',
      description:
        'Hosts that answer 200 only because an unknown holds. Most of them at once: shared trouble. Replace none.',
      span: 6,
    },
    [[queries.holding, 'holding']],
    [
      [null, 'green'],
      [1, 'orange'],
    ],
  ),
  glance(
    {
      title: 'Failing',
      description: 'Hosts that have proved themselves, are not drained, and answer 503.',
      span: 6,
    },
    [[queries.failing, 'failing']],
    [
      [null, 'green'],
      [1, 'red'],
    ],
  ),
  glance(
    {
      title: 'The first hold ends in',
      description:
        'Then that host answers 503, unless it finds something out before. Holds without a limit do not count.',
      span: 6,
      unit: 's',
    },
    [[queries.holdEndsIn, 'ends in']],
    [
      [null, 'red'],
      [300, 'orange'],
      [900, 'text'],
    ],
  ),
  areas(
    { title: 'State of the fleet', description: 'How many hosts are in which state.', span: 12 },
    [
      [queries.wellServing, 'serving'],
      [queries.holding, 'holding'],
      [queries.draining, 'draining'],
      [queries.starting, 'starting'],
      [queries.failing, 'failing'],
      [queries.unreachable, 'not scraped'],
    ],
    colors,
  ),
  timeline(
    { title: 'State of each host', description: 'A gap: the host was not scraped.', span: 12 },
    [queries.state, '{{instance}}'],
    STATES.map(state => [state, colors[state]]),
  ),
]

const holds = [
  table(
    {
      title: 'Who holds, and why',
      description: 'docs/reasons.md says what each reason means and what to do.',
      span: 12,
      unit: 's',
    },
    queries.holds,
    {
      labels: ['fleet', 'instance', 'check', 'reason', 'cause'],
      value: 'ends in',
      // beyond a century: +Inf
      mappings: [
        { type: MappingType.RangeToText, options: { from: 3.2e9, to: null, result: { text: 'no limit' } } },
      ],
    },
  ),
  lines({ title: 'Holds by cause', description: 'Hosts on a hold.', span: 6 }, [
    [queries.holdsByCause, '{{cause}}'],
  ]),
  lines({ title: 'Reasons', description: 'Hosts whose check does not pass, for this reason.', span: 6 }, [
    [queries.reasons, '{{check}}: {{reason}}'],
  ]),
]

const speed = [
  lines(
    {
      title: 'Time to admit',
      description:
        'From the start, or another release, to the first 200, of the releases that are on the hosts.',
      span: 8,
      unit: 's',
    },
    [
      [queries.admittedMedian, 'median'],
      [queries.admittedLongest, 'longest'],
    ],
  ),
  lines(
    {
      title: 'Rounds of hosts that start',
      description: 'A relapse begins again at 0, and may double what is needed.',
      span: 8,
    },
    [[queries.rounds, '{{instance}} {{kind}}']],
  ),
  glance(
    {
      title: 'Detection',
      description: 'From the last pass of a check to the 503 that its failure caused, over the time shown.',
      span: 8,
      height: 8,
      unit: 's',
    },
    [
      [queries.detectionMedian, 'median'],
      [queries.detection95, '95 %'],
    ],
  ),
]

const probes = [
  lines({ title: 'Probes by code', description: 'Answers a second.', span: 8, unit: 'reqps' }, [
    [queries.probes, '{{code}}'],
  ]),
  lines(
    {
      title: 'Since the last probe',
      description: 'It grows: no balancer asks this host.',
      span: 8,
      unit: 's',
    },
    [[queries.sinceProbe, '{{instance}}']],
  ),
  lines({ title: 'Changes of the verdict', description: 'Many of them: hosts flap.', span: 8 }, [
    [queries.changes, 'to {{to}}'],
  ]),
]

const checks = [
  heat(
    { title: 'Durations', description: 'How long the runs of the chosen checks took.', span: 12 },
    queries.durations,
  ),
  lines(
    { title: 'Duration, 95 %', description: 'By check. At its timeout a run is ended.', span: 6, unit: 's' },
    [[queries.duration95, '{{check}}']],
  ),
  lines({ title: 'Runs by status', description: 'Runs a second.', span: 6, unit: 'ops' }, [
    [queries.runs, '{{check}} {{status}}'],
  ]),
]

const sidecar = [
  lines({ title: 'Releases', description: 'Hosts with each release of the app.', span: 6 }, [
    [queries.releases, '{{release}}'],
  ]),
  lines({ title: 'Versions', description: 'Hosts with each version of health-sidecar.', span: 6 }, [
    [queries.versions, '{{version}}'],
  ]),
  lines(
    {
      title: 'Faults of the set-up',
      description:
        'Hosts whose configuration was refused when it was last re-read, and hosts that no peer answers.',
      span: 6,
    },
    [
      [queries.refused, 'refused configuration'],
      [queries.unreached, 'no peer answers'],
    ],
  ),
  lines({ title: 'Dropped log lines', description: 'Look at what reads the log.', span: 6 }, [
    [queries.droppedLines, 'lines'],
  ]),
]

/** What is on the dashboard, from top to bottom: a title, and its panels. */
export const rows = [
  ['Fleet', fleet],
  ['Who holds, and why', holds],
  ['Starts and detection', speed],
  ['Probes', probes],
  ['Checks', checks],
  ['Sidecar', sidecar],
] as const
