import { request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { unitOfPath } from '../config/named-app.ts'
import { codeOrUnknown } from '../lib/describe-error.ts'
import { isMapping, parseJson } from '../lib/json.ts'
import { readBounded } from '../lib/read-bounded.ts'
import { isStatusDocument } from '../status/is-status-document.ts'
import type { StatusDocument } from '../status/status-document.ts'
import { isSystemdRunning } from '../systemd/is-running.ts'

/** A working daemon answers sooner: it answers from what it knows. */
const ANSWER_TIMEOUT_MS = 4000
/** The history has 1 MiB at most, and so has the status document. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024

/** One request to the admin socket: a GET, or a POST of a JSON body. */
export interface AdminRequest {
  readonly path: string
  readonly post?: object
  readonly timeoutMs?: number
}

export type Unanswered = {
  readonly ok: false
  /** The system's code, such as ENOENT; ETIMEDOUT if nothing came in time; EPROTO if something else answered. */
  readonly code: string
  /** A sentence: why there is no answer, and what to do. */
  readonly message: string
}

export type AdminAnswer = { readonly ok: true; readonly status: number; readonly body: unknown } | Unanswered

export type StatusAnswer = { readonly ok: true; readonly document: StatusDocument } | Unanswered

/** Where systemd runs, its unit knows why no daemon is there, such as a port that another server has. */
const whyAbsent = async (socketPath: string): Promise<string> => {
  const unit = unitOfPath(socketPath)
  return unit === undefined || !(await isSystemdRunning())
    ? 'is the daemon running?'
    : `is the daemon running (see systemctl status ${unit}.socket ${unit}.service)?`
}

const advice: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the daemon that listened there has ended',
  EACCES: 'this user may not open it; use sudo, or join the group of that socket',
  EPERM: 'this user may not open it; use sudo, or join the group of that socket',
}

const foreign = (socketPath: string): Unanswered => ({
  ok: false,
  code: 'EPROTO',
  message: `what answers on ${socketPath} is not health-sidecar; check admin.socket in the configuration`,
})

const exchange = async (
  socketPath: string,
  { path, post, signal }: AdminRequest & { readonly signal: AbortSignal },
): Promise<{ readonly status: number; readonly text: string | undefined }> => {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const body = post && JSON.stringify(post)
  const headers = { ...(body !== undefined && { 'content-type': 'application/json' }) }
  request({ socketPath, path, method: post ? 'POST' : 'GET', headers, signal, agent: false }, resolve)
    .on('error', reject)
    .end(body)
  const response = await promise
  return {
    status: response.statusCode ?? 0,
    text: (await readBounded(response, MAX_ANSWER_BYTES))?.toString(),
  }
}

/** As `askDaemon`; the answer is text. */
const askForText = async (
  socketPath: string,
  asked: AdminRequest,
): Promise<{ readonly ok: true; readonly status: number; readonly text: string } | Unanswered> => {
  const { timeoutMs = ANSWER_TIMEOUT_MS } = asked
  const signal = AbortSignal.timeout(Math.ceil(timeoutMs))
  try {
    const { status, text } = await exchange(socketPath, { ...asked, signal })
    return text === undefined ? foreign(socketPath) : { ok: true, status, text }
  } catch (error) {
    const code = signal.aborted ? 'ETIMEDOUT' : codeOrUnknown(error)
    if (code.startsWith('HPE_')) return foreign(socketPath)
    const more = signal.aborted
      ? `no answer in ${Math.ceil(timeoutMs)} ms; the daemon hangs, or the host does`
      : code === 'ENOENT'
        ? await whyAbsent(socketPath)
        : (advice[code] ?? 'see the daemon’s log')
    return { ok: false, code, message: `no daemon answers on ${socketPath} (${code}): ${more}` }
  }
}

/** Asks what listens on an admin socket. Never throws, and takes no longer than the time limit. */
export const askDaemon = async (socketPath: string, asked: AdminRequest): Promise<AdminAnswer> => {
  const answer = await askForText(socketPath, asked)
  if (!answer.ok) return answer
  const body = parseJson(answer.text)
  return body === undefined ? foreign(socketPath) : { ok: true, status: answer.status, body }
}

/** Asks the daemon for the lines of its history. Never throws. */
export const askHistory = async (
  socketPath: string,
): Promise<{ readonly ok: true; readonly lines: readonly string[] } | Unanswered> => {
  const answer = await askForText(socketPath, { path: '/history' })
  if (!answer.ok) return answer
  if (answer.status === 200) return { ok: true, lines: answer.text.split('\n').filter(line => line !== '') }
  const body = parseJson(answer.text)
  const error = isMapping(body) && typeof body['error'] === 'string' ? body['error'] : 'it has no history'
  return { ok: false, code: 'ENODATA', message: `the daemon on ${socketPath} tells no history: ${error}` }
}

/** Asks the daemon for its status document. Never throws. */
export const askStatus = async (
  socketPath: string,
  options: Pick<AdminRequest, 'timeoutMs'> = {},
): Promise<StatusAnswer> => {
  const answer = await askDaemon(socketPath, { path: '/status', ...options })
  if (!answer.ok) return answer
  return answer.status === 200 && isStatusDocument(answer.body)
    ? { ok: true, document: answer.body }
    : foreign(socketPath)
}
