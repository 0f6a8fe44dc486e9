import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Answer } from '../core/answer.ts'
import type { Clock } from '../monitor/clock.ts'
import { clientAddressOf } from '../lib/client-address.ts'
import { describeError } from '../lib/describe-error.ts'
import { createLogger } from './logger.ts'
import type { LogEvent, Logger, LoggerOptions, OpenLogger } from './logger.ts'
import { createSeldom, moreText } from './seldom.ts'

/** Called for each answered probe. */
export type OnProbe = (status: Answer, request: IncomingMessage) => void

/** What a client may speak in place of HTTP/1. */
export type RefusedProtocol = 'HTTP/2' | 'TLS' | 'the PROXY protocol'

/** What is wrong with a request, if it is known. */
export type RefusedFor = RefusedProtocol | 'no Host header' | 'several Host headers'

/** A request that got neither 200 nor 503. */
export interface Refusal {
  /** undefined if the connection was closed without an answer: it had no PROXY protocol header */
  readonly status: number | undefined
  readonly socket: Socket
  /** undefined if the request could not be parsed */
  readonly request?: IncomingMessage | undefined
  readonly refusedFor?: RefusedFor | undefined
  /** of a 500: what was thrown */
  readonly error?: unknown
}

/** The log of probes. `reopen` and `dropped` concern its own file only, if it has one. */
export interface ProbeLog extends Pick<OpenLogger, 'dropped' | 'opened' | 'reopen'>, AsyncDisposable {
  readonly onProbe: OnProbe
  readonly onRefused: (refusal: Refusal) => void
}

export interface ProbeLogOptions {
  readonly logger: Logger
  readonly release: LoggerOptions['release']
  readonly app?: LoggerOptions['app']
  readonly clock: Pick<Clock, 'now'>
}

/** What a request was that could not be parsed. */
const unparsed: Readonly<Record<number, string>> = {
  400: 'a request that is not valid HTTP',
  408: 'a request that did not arrive in 5 s',
  431: 'headers that are too large',
}

/** Characters of a request's method, path or user agent in a line. */
const MAX_TEXT_LENGTH = 100

/** The client's address. An IPv4 client of a dual-stack socket has its IPv4 address (RFC 4291, section 2.5.5.2). */
export const addressOf = (socket: Socket): string | undefined =>
  clientAddressOf(socket)?.replace(/^::ffff:(?=\d+\.)/, '')

/** Paths that health checks are often set to. Any other path may hold a secret, and is not shown. */
const USUAL_PATHS = /^\/(?:_?health(?:[-_]?check|z)?|ht|live(?:z|ness)?|ready(?:z|ness)?|ping|status|up)?\/?$/

const SEND_HOST = "let the balancer's health check send one Host header"
const advice: Readonly<Record<RefusedFor, string>> = {
  'HTTP/2': "set the balancer's health check to HTTP/1.1",
  TLS: "set the balancer's health check to plain HTTP",
  'the PROXY protocol': "turn off the PROXY protocol for the balancer's health check",
  'no Host header': SEND_HOST,
  'several Host headers': SEND_HOST,
}

/** What a refused request was, and what to do. `asked` is what it asked for; undefined if it could not be parsed. */
const describeRefusal = (
  { status, refusedFor, error }: Refusal,
  asked: string | undefined,
): readonly [what: string | undefined, toDo: string] => {
  if (status === 500) return [asked, `the program itself broke: ${describeError(error)}; report it`]
  if (refusedFor === undefined)
    return [
      asked ?? unparsed[status ?? 400] ?? unparsed[400],
      "check the path and method of the balancer's health check",
    ]
  return [asked === undefined ? refusedFor : `${asked} with ${refusedFor}`, advice[refusedFor]]
}

/** The path of a request, if it is one that health checks use. */
export const usualPathOf = (url = ''): string | undefined => {
  const [path = ''] = url.split('?', 1)
  return USUAL_PATHS.test(path) ? path : undefined
}

/** Logs probes: `none`, `changes` of the answer, `all`, or `file:/path` for all of them in a separate file. */
export const createProbeLog = (probes: string, options: ProbeLogOptions): ProbeLog => {
  const file = probes.startsWith('file:') ? probes.slice('file:'.length) : undefined
  const { logger: main, app, release, clock } = options
  const onLost = (lost: LogEvent): void => main.log('error', lost)
  const own =
    file === undefined
      ? undefined
      : createLogger({ level: 'info', file, app, release, fallback: main, onLost })
  const logger = own ?? main
  let last: number | undefined
  const seldom = createSeldom(clock)

  const onProbe: OnProbe = (status, { socket, headers }) => {
    if (probes === 'none' || (probes === 'changes' && status === last)) return
    last = status
    const remoteAddress = addressOf(socket)
    logger.log('info', {
      event: 'probe.answered',
      msg: `answered ${status} to ${remoteAddress ?? 'a local client'}`,
      httpStatus: status,
      remoteAddress,
      userAgent: headers['user-agent']?.slice(0, MAX_TEXT_LENGTH),
    })
  }

  const onRefused = (refusal: Refusal): void => {
    if (probes === 'none') return
    const { status, socket, request, refusedFor = '' } = refusal
    const unlogged = probes === 'changes' ? seldom.of(`${status} ${refusedFor}`) : 0
    if (unlogged === undefined) return
    const remoteAddress = addressOf(socket)
    const method = request?.method?.slice(0, MAX_TEXT_LENGTH)
    const path = usualPathOf(request?.url)
    const asked = request && `${method} ${path ?? 'of another path'}`
    const [what, toDo] = describeRefusal(refusal, asked)
    const more = moreText(unlogged)
    const client = remoteAddress ?? 'a local client'
    logger.log('warn', {
      event: 'probe.refused',
      msg:
        status === undefined
          ? `closed a connection of ${client} without an answer${more}: it does not begin with a valid PROXY protocol header; let the balancer send one, or take proxy_protocol from this address of listen`
          : `answered ${status} to ${client} for ${what}${more}; ${toDo}`,
      httpStatus: status,
      remoteAddress,
      method,
      path,
      unlogged,
      userAgent: request?.headers['user-agent']?.slice(0, MAX_TEXT_LENGTH),
    })
  }

  return {
    onProbe,
    onRefused,
    opened: own?.opened ?? Promise.resolve(),
    dropped: () => own?.dropped() ?? 0,
    reopen: async () => await own?.reopen(),
    [Symbol.asyncDispose]: async () => await own?.[Symbol.asyncDispose](),
  }
}
