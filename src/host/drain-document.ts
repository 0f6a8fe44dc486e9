import type { DrainDocument, LifecycleDocument } from '../status/status-document.ts'
import type { DrainMarker } from './drain-marker.ts'

const markerDocument = ({ reason, by, since, until }: DrainMarker): DrainDocument => ({
  reason,
  ...(by !== undefined && { by }),
  ...(since && { since: since.toISOString() }),
  ...(until && { until: until.toISOString() }),
})

/** The drain to show: an operator's, else one for a lifecycle notice. */
export const drainDocument = (
  marker: DrainMarker | undefined,
  { reason, drainedSince: since }: LifecycleDocument = {},
): { readonly drain?: DrainDocument } => {
  if (marker) return { drain: markerDocument(marker) }
  return reason !== undefined && since !== undefined ? { drain: { reason, by: 'lifecycle', since } } : {}
}
