import type { Test } from 'tap'
import { bootHost } from './boot-host.ts'
import type { Host } from './boot-host.ts'
import { DEB, HOST_ROOT } from './given.ts'
import { startReceiver } from './receiver.ts'
import type { Receiver } from './receiver.ts'
import { setUpShop } from './shop.ts'
import { answers, configureSidecar, ENABLE, installPackage } from './sidecar.ts'
import { RECEIVER_PORT, shipLogs } from './shipping.ts'

export interface ReadyHost {
  readonly host: Host
  readonly receiver: Receiver
}

/** A host on which all is well and in service: the shop behind nginx, logs shipped, the sidecar installed and at 200. */
export const readyHost = async (t: Test): Promise<ReadyHost> => {
  const host = await bootHost(HOST_ROOT)
  t.teardown(() => host[Symbol.asyncDispose]())
  await setUpShop(host)
  const receiver = await startReceiver(host, RECEIVER_PORT)
  t.teardown(() => receiver[Symbol.asyncDispose]())
  await shipLogs(host)
  await installPackage(host, DEB)
  await configureSidecar(host)
  await host.sh(ENABLE)
  await answers(host, 200)
  return { host, receiver }
}
