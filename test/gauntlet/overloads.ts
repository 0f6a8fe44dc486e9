import type { Overload } from './scenario.ts'
import { withPeers, writePeers } from './with-peers.ts'

const PATIENT_SECONDS = 600

/** Two workers and pages of a second: so many clients a host wait in a queue of half as many seconds. */
const queueOf = (seconds: number): Omit<Overload, 'name'> => ({
  hosts: 3,
  clientsPerHost: 2 * seconds,
  pageSeconds: 1,
  seconds: 180,
  givesUpAfterSeconds: PATIENT_SECONDS,
})

export const overloads: readonly Overload[] = [
  { name: 'overload of every host: a queue of 6 s, for 3 min', ...queueOf(6) },
  { name: 'overload of every host: a queue of 20 s, for 3 min', ...queueOf(20) },
  {
    name: 'overload of every host: clients give up after 5 s and retry, for 100 s',
    ...queueOf(5.5),
    seconds: 100,
    givesUpAfterSeconds: 5,
  },
  {
    name: 'overload that arrives at one host after the other, 6 s apart; peers are configured',
    pace: 'real',
    host: { config: withPeers },
    hosts: 3,
    clientsPerHost: 24,
    pageSeconds: 0.5,
    seconds: 90,
    givesUpAfterSeconds: PATIENT_SECONDS,
    arrivesEverySeconds: 6,
    prepares: writePeers,
  },
]
