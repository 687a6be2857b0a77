-- Which disclosures were erased, by whom and why?
-- A disclosure is the value behind a commitment. Its record stays, and so does its hash.
-- Columns:
--   ErasedAt TIMESTAMP  when it was recorded
--   Field STRING  field whose value was erased
--   EventId STRING  event whose value was erased
--   MemberId STRING  who erased it; none for what the control plane did by itself
--   Source STRING  who recorded it: control_plane, or the tenant's own cli, which anybody with its API key can be
--   ReasonCode STRING  why
--   RecordIsHeld BOOL  true if the record of that event is still in the ledger
--   RecordHash STRING  of the record of the erasure
SELECT
  erased.OccurredAt AS ErasedAt,
  erased.SubjectField AS Field,
  erased.SubjectEventId AS EventId,
  erased.MemberId,
  erased.Source,
  erased.ReasonCode,
  erased.SubjectEventId IN (
    SELECT EventId FROM TrueTimeLedger WHERE TenantId = @tenant_id
  ) AS RecordIsHeld,
  erased.RecordHash
FROM TrueTimeLedger AS erased
WHERE erased.TenantId IN (@tenant_id, @operator_tenant_id)
  AND (
    erased.TenantId = @tenant_id
    OR (erased.SubjectTenantId = @tenant_id AND erased.Source = 'control_plane')
  )
  AND erased.OccurredAt >= @from_time AND erased.OccurredAt < @to_time
  AND erased.EventType = 'erasure'
ORDER BY ErasedAt, RecordHash
