import { styleText } from 'node:util'
import type { CheckDocument } from '../../src/status/status-document.ts'
import { PREFERRED_PORT } from './host.ts'
import type { Host, Observation } from './host.ts'

type Style = Parameters<typeof styleText>[0]

/** Text in a colour, where standard output shows colours and NO_COLOR does not forbid them. */
export const paint = (style: Style, text: string): string =>
  styleText(style, text, { stream: process.stdout })

const colours = { pass: 'green', warn: 'yellow', fail: 'red', unknown: 'magenta' } as const

const NAME_WIDTH = 'migrations'.length

/** `503 fail`: what the load balancer is told. */
export const verdict = ({ answer, document: { status } }: Observation): string =>
  paint(['bold', colours[status]], `${answer} ${status}`.padEnd('503 fail'.length))

/** One check in one line: its status, and the reason for it. */
export const checkLine = (name: string, check: CheckDocument): string => {
  const status = paint(colours[check.status], check.status.padEnd('unknown'.length))
  const because = check.because === undefined ? '' : paint('dim', `  ${check.because}`)
  const reason = check.reason === undefined ? '' : `  ${check.reason}`
  return `${name.padEnd(NAME_WIDTH)}  ${status}${reason}${because}`
}

/** A line for each check that does not pass, and below it what it says. */
export const reasonsOf = ({ document: { checks } }: Observation): string[] =>
  Object.entries(checks).flatMap(([name, [check]]) =>
    check.status === 'pass'
      ? []
      : [checkLine(name, check), ...(check.output ? [paint('dim', `  ${check.output}`)] : [])],
  )

/** What runs where. */
export const introduction = ({ port, pageUrl, places, sidecarPid }: Host): string => {
  const url = `http://127.0.0.1:${port}/health`
  const taken = port === PREFERRED_PORT ? '' : paint('yellow', `   (port ${PREFERRED_PORT} is taken)`)
  return `${paint('bold', 'health-sidecar: one host, for real and on this machine')}

  load balancer  ${paint('cyan', `GET ${url}`)}${taken}
       │         200: send this host traffic   503: do not
       ▼
  sidecar        process ${sidecarPid()}, its log is ${places.log}
       ├── homepage    GET / on ${places.appSocket}
       ├── migrations  ${places.migrations}/*/migrations against django_migrations
       ├── env         ${places.envFile}
       └── database    Postgres on ${places.database}, which all hosts share

${paint('bold', 'Open')} ${paint('cyan', pageUrl)} in a browser: the status page follows whatever you break.

${paint('bold', 'Try')}, in another terminal:
  curl -i ${url}
  curl --unix-socket ${places.adminSocket} http://sidecar/status
`
}
