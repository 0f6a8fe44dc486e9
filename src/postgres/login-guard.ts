import type { ChannelBinding } from './login.ts'
import { Refusal } from './refusal.ts'

/** What a login may reveal. */
export interface LoginPolicy {
  /** Whether nobody can read what is sent: TLS, or a Unix socket. */
  readonly isPrivate: boolean
  readonly isEncrypted: boolean
  readonly allowsClearPassword: boolean
  /** Empty: any method. */
  readonly requireAuth: readonly string[]
  readonly channelBinding: ChannelBinding
}

type Step = 'asked' | 'continued' | 'proved'
type Method = 'password' | 'md5' | 'scram-sha-256' | 'none'

const unsafe = (says: string): Refusal => new Refusal('DATABASE_LOGIN_UNSAFE', says)
const broken = (): Refusal =>
  new Refusal(
    'DATABASE_ANSWER_INVALID',
    'breaks the protocol during the login; is it Postgres that listens there?',
  )

const UNSUPPORTED = new Refusal(
  'DATABASE_AUTHENTICATION_FAILED',
  'asks for a kind of login that health-sidecar does not support; it supports SCRAM, MD5 and passwords',
)

const PLUS = 'SCRAM-SHA-256-PLUS'

/** Follows a login (manual, "Start-up") and refuses what its policy forbids, before the driver answers it. */
export class LoginGuard {
  readonly #policy: LoginPolicy
  #method: Method | undefined
  #step: Step | undefined
  #isOver = false

  constructor(policy: LoginPolicy) {
    this.#policy = policy
  }

  /** Whether the server has accepted the login. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** Checks one authentication message. Throws a Refusal. */
  check(body: Buffer): void {
    if (this.#isOver) throw broken()
    switch (body.readInt32BE(0)) {
      case 0:
        return this.#end(body)
      case 3:
        return this.#clearText(body)
      case 5:
        return this.#begin('md5', body.length === 8)
      case 7:
      case 8:
      case 9:
        throw UNSUPPORTED
      case 10:
        return this.#sasl(body)
      case 11:
        return this.#advance('asked', 'continued')
      case 12:
        return this.#advance('continued', 'proved')
      default:
        throw broken()
    }
  }

  #begin(method: Method, isWellFormed: boolean): void {
    if (!isWellFormed || this.#method !== undefined) throw broken()
    const { requireAuth, channelBinding } = this.#policy
    if (requireAuth.length > 0 && !requireAuth.includes(method))
      throw unsafe(`asks for the login method ${method}, which require_auth does not allow; nothing was sent`)
    if (channelBinding === 'require' && method !== 'scram-sha-256')
      throw unsafe(`asks for the login method ${method}, which has no channel binding; nothing was sent`)
    this.#method = method
  }

  #clearText(body: Buffer): void {
    this.#begin('password', body.length === 4)
    const { isPrivate, allowsClearPassword } = this.#policy
    if (isPrivate || allowsClearPassword) return
    throw unsafe(
      'asks for the password in clear text without TLS, so it was not sent; use sslmode=require, or allow it by sslmode=disable',
    )
  }

  #sasl(body: Buffer): void {
    const mechanisms = body.subarray(4).toString('latin1').split('\0')
    // each ends in a zero byte, and one more ends the list
    this.#begin(
      'scram-sha-256',
      mechanisms.length >= 3 && mechanisms.at(-1) === '' && mechanisms.at(-2) === '',
    )
    this.#step = 'asked'
    const { channelBinding, isEncrypted } = this.#policy
    if (channelBinding === 'require' && !(isEncrypted && mechanisms.includes(PLUS)))
      throw unsafe('offers no channel binding, which channel_binding=require asks for; nothing was sent')
    if (!mechanisms.includes('SCRAM-SHA-256') && !(isEncrypted && mechanisms.includes(PLUS)))
      throw UNSUPPORTED
  }

  #advance(from: Step, to: Step): void {
    if (this.#step !== from) throw broken()
    this.#step = to
  }

  #end(body: Buffer): void {
    if (body.length !== 4) throw broken()
    if (this.#method === undefined) this.#begin('none', true)
    if (this.#method === 'scram-sha-256' && this.#step !== 'proved')
      throw unsafe('did not prove that it knows the password; it may not be the server that it claims to be')
    this.#isOver = true
  }
}
