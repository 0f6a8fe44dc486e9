import { writeFile } from 'node:fs/promises'
import { buildDashboard } from './dashboard.ts'

await writeFile('config/grafana/health-sidecar.json', `${JSON.stringify(buildDashboard(), null, 2)}\n`)
