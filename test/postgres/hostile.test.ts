import type { Socket } from 'node:net'
import t from 'tap'
import { createDatabases } from '../../src/postgres/databases.ts'
import type { QueryAnswer } from '../../src/postgres/query.ts'
import {
  AUTHENTICATED,
  BEGUN,
  LOGGED_IN,
  READY,
  columns,
  complete,
  error,
  int16,
  int32,
  message,
  row,
  startFakeServer,
} from './support/fake-server.ts'
import type { Request } from './support/fake-server.ts'

const PASSWORD = 's3cret'
/** For an answer that is refused as soon as it is read, however busy the machine is. */
const AMPLE_MS = 20_000
/** For one that never comes. */
const SHORT_MS = 300

/** Asks a server of a test's own making once. */
const ask = async (
  answer: (request: Request, socket: Socket) => void,
  { tls = false, parameters = '', timeoutMs = AMPLE_MS } = {},
): Promise<{ readonly answer: QueryAnswer<object>; readonly received: string }> => {
  await using server = await startFakeServer(answer, { tls })
  await using databases = createDatabases()
  const result = await databases.query(
    `postgres://app:${PASSWORD}@127.0.0.1:${server.port}/shop${parameters}`,
    { text: 'select 1', signal: AbortSignal.timeout(timeoutMs) },
  )
  return { answer: result, received: server.received() }
}

/** Logs everybody in, begins a transaction, and answers the query with `bytes`. */
const answering =
  (bytes: (socket: Socket) => Buffer | void) =>
  ({ letter, body }: Request, socket: Socket): void => {
    if (letter === '') socket.write(LOGGED_IN)
    else if (letter === 'Q' && body.includes('begin')) socket.write(BEGUN)
    else if (letter === 'Q' && body.includes('commit'))
      socket.write(Buffer.concat([complete('COMMIT'), READY]))
    else if (letter === 'Q') {
      const written = bytes(socket)
      if (written) socket.write(written)
    }
  }

const one = [columns('one'), row('1'), complete('SELECT 1'), READY] as const

/** Writes the same bytes until the other side has had enough. */
const endless = (chunk: Buffer) => (socket: Socket) => {
  const more = () => {
    while (!socket.destroyed && socket.write(chunk));
    if (!socket.destroyed) socket.once('drain', more)
  }
  socket.write(columns('one'))
  more()
}

const many = (piece: Buffer, count: number): Buffer =>
  Buffer.concat(Array.from({ length: count }, () => piece))

const INVALID = 'DATABASE_ANSWER_INVALID'
const TOO_LARGE = 'DATABASE_ANSWER_TOO_LARGE'

const wide = (count: number): Buffer =>
  message('T', int16(count), many(Buffer.concat([Buffer.from('a\0'), Buffer.alloc(18)]), count))

const answers: readonly (readonly [what: string, reason: string, (socket: Socket) => Buffer | void])[] = [
  ['a description of 32,768 columns', INVALID, () => wide(32_768)],
  ['a description of 65,535 columns that are not there', INVALID, () => message('T', int16(65_535))],
  ['a description of 1,665 columns', INVALID, () => wide(1665)],
  [
    'a row of a negative length',
    INVALID,
    () => Buffer.concat([columns('a'), message('D', int16(1), int32(-2))]),
  ],
  [
    'a row that is longer than its message',
    INVALID,
    () => Buffer.concat([columns('a'), message('D', int16(1), int32(9))]),
  ],
  ['a row of other columns', INVALID, () => Buffer.concat([columns('a', 'b'), row('1')])],
  ['a row without a description', INVALID, () => Buffer.concat([row('1'), complete('SELECT 1'), READY])],
  ['an error without an end', INVALID, () => message('E', 'Mno')],
  ['a notice without an end', INVALID, () => message('N', 'Mno\0')],
  ['a message of length 0', INVALID, () => Buffer.from([0x44, 0, 0, 0, 0])],
  ['a message of 4 GiB', TOO_LARGE, () => Buffer.from([0x44, 0xff, 0xff, 0xff, 0xff])],
  ['a message of 2 GiB', TOO_LARGE, () => Buffer.from([0x44, 0x7f, 0xff, 0xff, 0xff])],
  ['a message that no server sends', INVALID, () => message('!', 'x')],
  ['the beginning of a copy', INVALID, () => message('G', Buffer.from([0]), int16(0))],
  ['another login', INVALID, () => message('R', int32(3))],
  ['fewer rows than it says', INVALID, () => Buffer.concat([columns('a'), complete('SELECT 1'), READY])],
  [
    'more rows than it says',
    INVALID,
    () => Buffer.concat([columns('a'), row('1'), row('1'), complete('SELECT 1'), READY]),
  ],
  ['rows without a completion', INVALID, () => Buffer.concat([columns('a'), row('1'), READY])],
  ['no completion at all', INVALID, () => READY],
  ['two answers', INVALID, () => Buffer.concat([...one.slice(0, 3), ...one])],
  ['a web page', INVALID, () => Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ['endless rows', TOO_LARGE, endless(many(row('x'.repeat(100)), 100))],
  [
    'a million empty rows',
    TOO_LARGE,
    () => Buffer.concat([columns(), many(message('D', int16(0)), 1_000_000)]),
  ],
  ['endless notices', TOO_LARGE, endless(many(message('N', 'Mno\0\0'), 100))],
  ['endless settings', TOO_LARGE, endless(many(message('S', 'a\0b\0'), 100))],
  ['endless completions', INVALID, endless(many(complete('SELECT 0'), 100))],
  [
    'a value of 9 MB',
    TOO_LARGE,
    () => Buffer.concat([columns('a'), row('x'.repeat(9e6)), complete('SELECT 1'), READY]),
  ],
  ['a name of 9 MB', TOO_LARGE, () => columns('x'.repeat(9e6))],
  ['nothing, and hangs up', 'DATABASE_UNREACHABLE', socket => void socket.end()],
  ['a hang-up at once', 'DATABASE_UNREACHABLE', socket => void socket.destroy()],
  ['nothing', 'DATABASE_TIMED_OUT', () => {}],
]

for (const tls of [false, true])
  for (const [what, reason, bytes] of answers)
    t.test(`hostile database${tls ? ' over TLS' : ''} › ${what}`, async t => {
      const timeoutMs = reason === 'DATABASE_TIMED_OUT' ? SHORT_MS : AMPLE_MS
      const { answer } = await ask(answering(bytes), {
        tls,
        parameters: tls ? '?sslmode=require' : '',
        timeoutMs,
      })
      t.match(answer, { ok: false, problem: { status: 'unknown', reason, cause: 'shared' } })
      t.notMatch(JSON.stringify(answer), PASSWORD)
    })

t.test('hostile database › what is in order, one byte at a time, is an answer', async t => {
  const drip = (socket: Socket) => {
    socket.setNoDelay(true)
    const bytes = Buffer.concat(one)
    const next = (at: number): void =>
      void socket.write(bytes.subarray(at, at + 1), () => at + 1 < bytes.length && setImmediate(next, at + 1))
    next(0)
  }
  const { answer } = await ask(answering(drip))
  t.match(answer, { ok: true, rows: [{ one: '1' }], place: { database: 'shop', schema: 'public' } })
})

t.test('hostile database › a slow drip that never ends costs the time of the check', async t => {
  const timers = new Set<NodeJS.Timeout>()
  t.teardown(() => timers.forEach(clearInterval))
  const drip = (socket: Socket) => {
    socket.write(message('D', Buffer.alloc(1_000_000)).subarray(0, 5))
    timers.add(setInterval(() => socket.write('x'), 10))
  }
  const { answer } = await ask(answering(drip), { timeoutMs: SHORT_MS })
  t.match(answer, { ok: false, problem: { reason: 'DATABASE_TIMED_OUT' } })
})

const login =
  (first: Buffer) =>
  ({ letter }: Request, socket: Socket): void => {
    if (letter === '') socket.write(first)
    else if (letter === 'p') socket.write(LOGGED_IN)
  }

t.test('hostile database › the password is not sent in clear text without TLS', async t => {
  const askForIt = login(message('R', int32(3)))
  /** Has seen enough once it has a password. */
  const clearText = (request: Request, socket: Socket): void => {
    if (request.letter === 'p') socket.end()
    else askForIt(request, socket)
  }
  const { answer, received } = await ask(clearText)
  t.match(answer, {
    problem: {
      status: 'unknown',
      reason: 'DATABASE_LOGIN_UNSAFE',
      message: /in clear text without TLS, so it was not sent/,
    },
  })
  t.notMatch(received, PASSWORD)
  for (const parameters of ['?sslmode=disable', '?require_auth=password', '?ssl=false'])
    t.match((await ask(clearText, { parameters })).received, PASSWORD, `${parameters} allows it`)
  const encrypted = await ask(clearText, { tls: true })
  t.match(encrypted.received, PASSWORD, 'TLS protects it')
})

t.test(
  'hostile database › require_auth and channel_binding are honoured before anything is sent',
  async t => {
    const sasl = (...mechanisms: readonly string[]) =>
      login(message('R', int32(10), ...mechanisms.map(name => `${name}\0`), '\0'))
    const md5 = login(message('R', int32(5), 'salt'))
    const cases = [
      ['?require_auth=scram-sha-256', md5],
      ['?require_auth=!md5', md5],
      ['?require_auth=scram-sha-256', login(message('R', int32(3)))],
      ['?require_auth=scram-sha-256', login(LOGGED_IN)],
      ['?require_auth=password', sasl('SCRAM-SHA-256')],
      ['?channel_binding=require', sasl('SCRAM-SHA-256', 'SCRAM-SHA-256-PLUS')],
      ['?channel_binding=require', md5],
      ['?channel_binding=require', login(LOGGED_IN)],
    ] as const
    for (const [parameters, answer] of cases)
      for (const tls of [false, true]) {
        const hasBinding = tls && parameters.includes('binding') && answer === cases[5][1]
        if (hasBinding) continue
        const asked = await ask(answer, { tls, parameters })
        t.match(asked.answer, { problem: { reason: 'DATABASE_LOGIN_UNSAFE' } }, `${parameters} ${tls}`)
        t.notMatch(asked.received, /md5|SCRAM/)
      }
  },
)

t.test('hostile database › a server that does not prove that it knows the password is none', async t => {
  const { answer } = await ask(({ letter }, socket) => {
    if (letter === '') socket.write(message('R', int32(10), 'SCRAM-SHA-256\0\0'))
    else if (letter === 'p') socket.write(LOGGED_IN)
  })
  t.match(answer, { problem: { reason: 'DATABASE_LOGIN_UNSAFE', message: /did not prove/ } })
})

t.test('hostile database › a login out of order is refused', async t => {
  const forms = [
    message('R', int32(11), 'r=x'),
    message('R', int32(12), 'v=x'),
    message('R', int32(10)),
    message('R', int32(99)),
    message('R', Buffer.from([1])),
    READY,
    message('D', int16(0)),
    Buffer.concat([AUTHENTICATED, AUTHENTICATED]),
  ]
  for (const form of forms)
    t.match(
      (await ask(login(form))).answer,
      { ok: false, problem: { reason: INVALID } },
      JSON.stringify(form.toString('latin1')),
    )
  t.match((await ask(login(message('R', int32(7))))).answer, {
    problem: { reason: 'DATABASE_AUTHENTICATION_FAILED', message: /does not support/ },
  })
})

t.test('hostile database › the answer to the request for TLS is one byte', async t => {
  for (const reply of ['SX', 'E', 'Serious', 'H'])
    t.match(
      (await ask((_, socket) => void socket.write(reply), { parameters: '?sslmode=require' })).answer,
      { ok: false },
      reply,
    )
})

t.test(
  'hostile database › its own words are shown, without control characters and without a secret',
  async t => {
    const refusing = (fields: Readonly<Record<string, string>>) => login(error({ S: 'FATAL', ...fields }))
    const plain = await ask(
      refusing({ C: '08P01', M: 'unsupported startup parameter:\u001b[31m options\u202e\u0007' }),
    )
    t.match(plain.answer, {
      problem: {
        reason: 'DATABASE_ERROR',
        message: /the server says: unsupported startup parameter: {1,2}\[31m options$/,
      },
    })
    const secret = await ask(refusing({ C: 'XX000', M: `your password is ${PASSWORD}` }))
    t.match(secret.answer, { problem: { reason: 'DATABASE_ERROR' } })
    t.notMatch(JSON.stringify(secret.answer), new RegExp(`${PASSWORD}|the server says`))
    const options = await ask(refusing({ C: 'XX000', M: 'invalid argument: Zq7xZq7x' }), {
      parameters: '?options=Zq7xZq7x',
    })
    t.notMatch(JSON.stringify(options.answer), 'Zq7x')
    const long = await ask(refusing({ C: '\u001b]0;x', M: 'x'.repeat(5000) }))
    t.match(long.answer, { problem: { message: /^.{0,400}$/, evidence: { code: 'malformed' } } })
  },
)
