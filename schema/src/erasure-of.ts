import type { AuditRecord } from './record.ts';

/**
 * Names the value that an `erasure` record says was erased, as one word; undefined for any other record. Of another tenant's
 * values only the control plane can say so.
 */
export function erasureOf({
  event_type,
  source,
  tenant_id,
  subject_tenant_id,
  subject_event_id,
  subject_field,
}: AuditRecord): string | undefined {
  if (event_type !== 'erasure') return undefined;
  const tenant = source === 'control_plane' ? (subject_tenant_id ?? tenant_id) : tenant_id;
  return valueName(tenant, `${subject_event_id}`, `${subject_field}`);
}

export const valueName = (tenantId: string, eventId: string, field: string): string =>
  `${tenantId} ${eventId} ${field}`;
