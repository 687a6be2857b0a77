-- Which records do not follow from the record before them?
-- Each record names the RecordHash of the one before it in its session. Where that one is missing, see where-are-gaps.
-- Columns:
--   SessionId STRING  one lifetime of an emitter
--   Seq INT64  place in the session
--   EventId STRING  of the record that does not follow
--   RecordHash STRING  of the record that does not follow
--   Prev STRING  RecordHash that it names
--   CommitTimestamp TIMESTAMP  when it was committed
SELECT
  later.SessionId,
  later.Seq,
  later.EventId,
  later.RecordHash,
  JSON_VALUE(later.Record, '$.prev') AS Prev,
  later.CommitTimestamp
FROM TrueTimeLedger AS later
WHERE later.TenantId = @tenant_id
  AND later.CommitTimestamp >= @from_time AND later.CommitTimestamp < @to_time
  AND EXISTS (
    SELECT 1
    FROM TrueTimeLedger AS before
    WHERE before.TenantId = later.TenantId
      AND before.SessionId = later.SessionId
      AND before.Seq = later.Seq - 1
  )
  AND NOT EXISTS (
    SELECT 1
    FROM TrueTimeLedger AS before
    WHERE before.TenantId = later.TenantId
      AND before.SessionId = later.SessionId
      AND before.Seq = later.Seq - 1
      AND before.RecordHash = JSON_VALUE(later.Record, '$.prev')
  )
ORDER BY SessionId, Seq, RecordHash
