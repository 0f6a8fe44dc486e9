import { createHmac, pbkdf2Sync } from 'node:crypto'
import { int32, message } from './fake-server.ts'
import type { Exchange } from './mutate-session.ts'

/** The code of a SASL message of the server (protocol-message-formats: AuthenticationSASLContinue, …Final). */
const CONTINUE = 11
const FINAL = 12

const isSasl = (bytes: Buffer, code: number): boolean =>
  bytes.toString('latin1', 0, 1) === 'R' && bytes.length > 9 && bytes.readInt32BE(5) === code

const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()

/** A login by SCRAM-SHA-256 with a client of today, whose nonce is another one than in the recorded session (RFC 5802). */
export interface ScramSession {
  /** The exchanges, fit for what this client has sent so far. */
  readonly exchanges: readonly Exchange[]
  /** Takes a message of the client. */
  take(body: Buffer): void
  /** The message that proves that the server knows the password, once the client has sent its own proof. */
  readonly proof: Buffer | undefined
}

/** By salt and rounds, which are the recorded ones in every session. */
const saltedPasswords = new Map<string, Buffer>()

const saltedPassword = (password: string, { salt, rounds }: { salt: string; rounds: number }): Buffer => {
  const key = `${salt} ${rounds}`
  const known =
    saltedPasswords.get(key) ?? pbkdf2Sync(password, Buffer.from(salt, 'base64'), rounds, 32, 'sha256')
  saltedPasswords.set(key, known)
  return known
}

/** Plays a recorded login again. */
export const createScramSession = (recorded: readonly Exchange[], password: string): ScramSession => {
  let clientFirst = ''
  let serverFirst = ''
  let proof: Buffer | undefined
  let exchanges = recorded

  const replace = (code: number, text: string): void => {
    exchanges = exchanges.map(exchange =>
      exchange.map(bytes => (isSasl(bytes, code) ? message('R', int32(code), text) : bytes)),
    )
  }
  const recordedText = (code: number): string =>
    recorded
      .flat()
      .find(bytes => isSasl(bytes, code))
      ?.toString('latin1', 9) ?? ''

  const takeFirst = (nonce: string, bare: string): void => {
    clientFirst = bare
    const [, serverNonce = '', rest = ''] = /^r=([^,]+)(,.*)$/.exec(recordedText(CONTINUE)) ?? []
    // the server's part of the nonce follows the client's, which is always of one length
    serverFirst = `r=${nonce}${serverNonce.slice(nonce.length)}${rest}`
    replace(CONTINUE, serverFirst)
  }
  const takeFinal = (withoutProof: string): void => {
    const [, salt = '', rounds = ''] = /,s=([^,]+),i=(\d+)$/.exec(serverFirst) ?? []
    const serverKey = hmac(saltedPassword(password, { salt, rounds: Number(rounds) }), 'Server Key')
    const signed = hmac(serverKey, `${clientFirst},${serverFirst},${withoutProof}`).toString('base64')
    proof = message('R', int32(FINAL), `v=${signed}`)
    replace(FINAL, `v=${signed}`)
  }

  return {
    get exchanges() {
      return exchanges
    },
    take(body) {
      const text = body.toString('latin1')
      const [, bare, nonce] = /[ny],,(n=[^,]*,r=([^,]+))$/.exec(text) ?? []
      if (bare !== undefined && nonce !== undefined) takeFirst(nonce, bare)
      const [, withoutProof] = /^(c=[^,]+,r=[^,]+),p=/.exec(text) ?? []
      if (withoutProof !== undefined) takeFinal(withoutProof)
    },
    get proof() {
      return proof
    },
  }
}
