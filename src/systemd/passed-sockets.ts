import type { ProcessEnv } from '../lib/process-env.ts'

/** The first descriptor that systemd passes (sd_listen_fds(3)). */
const SD_LISTEN_FDS_START = 3

/** The descriptors of the sockets that systemd passed to this process. */
export const passedSockets = ({ LISTEN_PID, LISTEN_FDS }: ProcessEnv): readonly number[] =>
  Number(LISTEN_PID) === process.pid && /^\d+$/.test(LISTEN_FDS ?? '')
    ? Array.from({ length: Number(LISTEN_FDS) }, (_, i) => SD_LISTEN_FDS_START + i)
    : []
