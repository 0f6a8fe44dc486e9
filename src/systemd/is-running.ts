import { exists } from '../files/exists.ts'

/** Whether systemd runs this host, as sd_booted(3) finds it out. */
export const isSystemdRunning = (): Promise<boolean> => exists('/run/systemd/system')
