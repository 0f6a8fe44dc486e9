import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Host } from './boot-host.ts'

const EXAMPLE = join(import.meta.dirname, '../../../config/rsyslog/health-sidecar.conf')

export const RECEIVER_PORT = 5170

/** Has rsyslog ship the sidecar's log to the receiver, by the shipped example. */
export const shipLogs = async (host: Host): Promise<void> => {
  const example = await readFile(EXAMPLE, 'utf8')
  const target = `target="127.0.0.1" port="${RECEIVER_PORT}"`
  await host.write(
    '/etc/rsyslog.d/00-health-sidecar.conf',
    example.replace('target="logs.example.com" port="5170"', target),
  )
  await host.sh(`
    grep -q '${target}' /etc/rsyslog.d/00-health-sidecar.conf
    rsyslogd -N1
    systemctl restart rsyslog.service`)
}
