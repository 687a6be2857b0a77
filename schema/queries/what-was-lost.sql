-- What was lost, not seen, or refused, and is known to be?
-- Columns:
--   OccurredAt TIMESTAMP  when it was noted
--   EventType STRING  loss, blind_interval, quota_refused, rate_refused or dead_letter
--   Source STRING  who noted it
--   KeyId STRING  API key that it concerns
--   SessionId STRING  session that noted it
--   Node STRING  machine or Kubernetes node
--   Events INT64  events that were counted, where that was possible
--   Reason STRING  why
--   LostEventType STRING  type of the lost events, when all are of one
--   BlindFrom TIMESTAMP  start of an interval in which nothing was seen
--   BlindTo TIMESTAMP  its end
--   RecordHash STRING  of the record that says so
SELECT
  OccurredAt,
  EventType,
  Source,
  COALESCE(SubjectKeyId, KeyId) AS KeyId,
  SessionId,
  Node,
  COALESCE(LostEvents, Records) AS Events,
  COALESCE(LossReason, BlindReason, ReasonCode) AS Reason,
  JSON_VALUE(Record, '$.lost_event_type') AS LostEventType,
  IF(EventType = 'blind_interval', FirstAt, NULL) AS BlindFrom,
  IF(EventType = 'blind_interval', LastAt, NULL) AS BlindTo,
  RecordHash
FROM TrueTimeLedger
WHERE TenantId IN (@tenant_id, @operator_tenant_id)
  AND (TenantId = @tenant_id OR (SubjectTenantId = @tenant_id AND Source = 'control_plane'))
  AND OccurredAt >= @from_time AND OccurredAt < @to_time
  AND EventType IN ('loss', 'blind_interval', 'quota_refused', 'rate_refused', 'dead_letter')
ORDER BY OccurredAt, RecordHash
