import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { certificateOf } from '../../connect/certificate.ts'
import type { Certificate } from '../../connect/certificate.ts'
import type { Endpoint } from '../../connect/endpoint.ts'
import { openConnection } from '../../connect/open-connection.ts'
import { proxyHeader } from '../../connect/proxy-header.ts'
import { startTls } from '../../connect/start-tls.ts'
import type { TlsClient } from '../../connect/start-tls.ts'
import { refusalKind } from '../../connect/tls-problem.ts'
import type { TlsFault } from '../../connect/tls-problem.ts'
import { stageOf } from './exchange.ts'
import type { SmokeRequest, Stage } from './exchange.ts'

/** The server is not who it should be. Nothing was sent to it. */
export class CertificateRefused extends Error {
  readonly fault: TlsFault
  constructor(fault: TlsFault) {
    super(`the certificate is refused: ${fault.code}`)
    this.fault = fault
  }
}

/** A connection that is ready for a request: with its PROXY header sent, and encrypted, where that is asked for. */
export interface Transport {
  stage(): Stage
  /** Of the server, if it is verified. */
  certificate(): Certificate | undefined
  destroy(): void
}

export interface TransportOptions extends Pick<SmokeRequest, 'tls' | 'proxyProtocol'> {
  readonly onOpen: (socket: Socket) => void
  readonly onError: (error: Error) => void
}

const stageInTls = ({ bytesRead }: TLSSocket, isSecure: boolean): Stage => {
  if (!isSecure) return 'securing'
  return bytesRead > 0 ? 'answering' : 'waiting'
}

/** Starts to open a transport. One of the two callbacks is called, once. */
export const openTransport = (endpoint: Endpoint, options: TransportOptions): Transport => {
  const { tls, proxyProtocol, onOpen, onError } = options
  const connection = openConnection(endpoint)
  const { socket } = connection
  let encrypted: TLSSocket | undefined
  let certificate: Certificate | undefined
  let isSecure = false

  const secure = (client: TlsClient): TLSSocket => {
    const started = startTls(socket, client)
    started.once('secureConnect', () => {
      isSecure = true
      if (client.verify) certificate = certificateOf(started)
      const code = certificate?.refusal
      if (code === undefined) return onOpen(started)
      const names = certificate?.names ?? ''
      onError(new CertificateRefused({ kind: refusalKind(code), code, names }))
    })
    return started
  }

  socket.once('error', error => encrypted ?? onError(error))
  socket.once('connect', () => {
    // before TLS: "a connection of any sort begins with the header" (section 2 of the specification)
    if (proxyProtocol) socket.write(proxyHeader(proxyProtocol, socket))
    if (!tls) return onOpen(socket)
    encrypted = secure(tls)
    encrypted.once('error', onError)
  })

  return {
    stage: () => (encrypted ? stageInTls(encrypted, isSecure) : stageOf(connection)),
    certificate: () => certificate,
    destroy() {
      encrypted?.destroy()
      socket.destroy()
    },
  }
}
