/** Loaded into the sidecar's process before it starts (`node --import`). */
import { installFakes } from './fakes.ts'

installFakes()
